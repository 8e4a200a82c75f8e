<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Delivery\Answer;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\entra_user_sync\Delivery\AnswerWords;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\Tests\UnitTestCase;
use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Psr7\Request;

/**
 * Tests what is made of the app's answers.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Delivery\Answer
 */
class AnswerTest extends UnitTestCase {

  /**
   * @covers ::ofStatus
   * @dataProvider statuses
   */
  public function testReadsTheStatus(int $status, AnswerKind $kind): void {
    $this->assertSame($kind, Answer::ofStatus($status)->kind);
  }

  /**
   * HTTP statuses, and what follows.
   */
  public static function statuses(): array {
    return [
      'the app itself' => [202, AnswerKind::Accepted],
      'a login page' => [200, AnswerKind::Later],
      'nothing' => [204, AnswerKind::Later],
      'elsewhere' => [302, AnswerKind::Later],
      'elsewhere for good' => [308, AnswerKind::Later],
      'not understood' => [400, AnswerKind::Refused],
      'too large' => [413, AnswerKind::Refused],
      'not JSON' => [415, AnswerKind::Refused],
      'not what it should be' => [422, AnswerKind::Refused],
      'wrong secret' => [401, AnswerKind::Pause],
      'a firewall' => [403, AnswerKind::Later],
      'no app' => [404, AnswerKind::Later],
      'too slow for a proxy' => [408, AnswerKind::Later],
      'no longer wanted' => [410, AnswerKind::Pause],
      'too much' => [429, AnswerKind::Later],
      'a fault' => [500, AnswerKind::Later],
      'a gateway' => [502, AnswerKind::Later],
      'starting' => [503, AnswerKind::Later],
    ];
  }

  /**
   * @covers ::ofStatus
   * @dataProvider waits
   */
  public function testWaitsAsLongAsTheAppAsksButSixHoursAtMost(string $header, int $seconds): void {
    $now = gmmktime(7, 28, 0, 10, 21, 2026);
    $this->assertSame($seconds, Answer::ofStatus(503, $header, $now)->retryAfter);
    $this->assertSame($seconds, Answer::ofStatus(429, $header, $now)->retryAfter);
  }

  /**
   * Retry-After headers at half past seven, and seconds to wait.
   */
  public static function waits(): array {
    return [
      'seconds' => ['120', 120],
      'too many' => ['99999', 21600],
      'more than an int holds' => ['99999999999999999999', 21600],
      'a date' => ['Wed, 21 Oct 2026 07:30:00 GMT', 120],
      'a date far away' => ['Thu, 22 Oct 2026 07:30:00 GMT', 21600],
      'a date that is over' => ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
      'less than nothing' => ['-1', 0],
      'nothing' => ['', 0],
      'a word' => ['soon', 0],
    ];
  }

  /**
   * Whatever comes, an administrator reads what it means.
   *
   * @group entra_user_sync_with_core
   */
  public function testSaysEachAnswerInWordsOfItsOwn(): void {
    $words = new AnswerWords($this->getStringTranslationStub());
    $unforeseen = (string) $words->of('', 418);
    $reasons = array_map(
      fn (int $status): string => Answer::ofStatus($status)->reason,
      [200, 202, 302, 400, 401, 403, 404, 410, 429, 500],
    );
    array_push($reasons, 'name', 'tls', 'timeout', 'connection', 'too_long', 'no_address');
    $said = array_map(fn (string $reason): string => (string) $words->of($reason, 418), $reasons);
    $this->assertSame($said, array_unique($said));
    $this->assertNotContains($unforeseen, $said);
  }

  /**
   * What curl says about answers that never came.
   *
   * @group entra_user_sync_with_core
   * @dataProvider faults
   */
  public function testTellsWhyNoAnswerCame(int $number, string $reason): void {
    $exception = new ConnectException('', new Request('POST', 'https://app.example'), NULL, ['errno' => $number]);
    $this->assertSame($reason, Webhook::reasonOf($exception));
    $this->assertSame(AnswerKind::Later, Answer::none($reason)->kind);
  }

  /**
   * Numbers of curl, and what they mean.
   */
  public static function faults(): array {
    return [
      'no such name' => [6, 'name'],
      'refused' => [7, 'connection'],
      'too slow' => [28, 'timeout'],
      'another certificate' => [60, 'tls'],
      'no TLS at all' => [35, 'tls'],
      'broken off' => [56, 'connection'],
    ];
  }

}
