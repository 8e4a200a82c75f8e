<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Delivery\Answer;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\Tests\UnitTestCase;

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
      'not understood' => [400, AnswerKind::Refused],
      'wrong secret' => [401, AnswerKind::Pause],
      'a firewall' => [403, AnswerKind::Later],
      'no app' => [404, AnswerKind::Later],
      'no longer wanted' => [410, AnswerKind::Pause],
      'too much' => [429, AnswerKind::Later],
      'a fault' => [500, AnswerKind::Later],
    ];
  }

  /**
   * @covers ::ofStatus
   */
  public function testWaitsAsLongAsTheAppAsksButSixHoursAtMost(): void {
    $this->assertSame(120, Answer::ofStatus(503, '120')->retryAfter);
    $this->assertSame(21600, Answer::ofStatus(503, '99999999')->retryAfter);
    $this->assertSame(0, Answer::ofStatus(503, 'Wed, 21 Oct 2026 07:28:00 GMT')->retryAfter);
    $this->assertSame(0, Answer::ofStatus(503, '-1')->retryAfter);
  }

}
