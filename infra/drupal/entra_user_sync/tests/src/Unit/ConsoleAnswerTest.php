<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Console\ConsoleAnswer;
use Drupal\Tests\UnitTestCase;

/**
 * Tests how answers to the console are read.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Console\ConsoleAnswer
 */
class ConsoleAnswerTest extends UnitTestCase {

  /**
   * @covers ::of
   *
   * @dataProvider answers
   */
  public function testKnowsWhoAnsweredAndWhat(int $status, string $body, string $reason): void {
    $this->assertSame($reason, ConsoleAnswer::of($status, $body, 'items')->reason);
  }

  /**
   * Status, body and what it means.
   */
  public static function answers(): array {
    return [
      'a page' => [200, '{"items":[],"continuation":null}', 'answered'],
      'a login page' => [200, '<html>', 'not_the_app'],
      'another answer of JSON' => [200, '{"ok":true}', 'not_the_app'],
      'no content' => [204, '', 'not_the_app'],
      'a redirect' => [302, '', 'redirected'],
      'a signature that is not known' => [401, '{"code":"signatureInvalid","title":"…"}', 'unauthorized'],
      'switched off' => [404, '{"code":"notFound","title":"There is nothing here."}', 'off'],
      'a user who is not known' => [404, '{"code":"linkNotFound","title":"…"}', 'unknown_user'],
      'another server' => [404, 'not found', 'not_found'],
      'a refusal in words' => [422, '{"code":"rejected","title":"Drupal refuses."}', 'refused'],
      'a firewall' => [403, '', 'forbidden'],
      'asked too often' => [429, '{"code":"throttled","title":"Too many."}', 'throttled'],
      'asked too often, says a proxy' => [429, '<html>', 'throttled'],
      'a fault in words' => [503, '{"code":"drupalUnavailable","title":"Drupal is away."}', 'refused'],
      'a teapot' => [418, '', 'unexpected'],
      'no object' => [200, '"items"', 'not_the_app'],
      'bytes that are no UTF-8' => [200, "{\"items\":[{\"a\":\"\xff\"}]}", 'not_the_app'],
      'half an answer' => [200, '{"items":[{"id":"on', 'not_the_app'],
      'too deep' => [200, str_repeat('[', 9999), 'not_the_app'],
      'a gateway' => [502, '<html>', 'failing'],
    ];
  }

  /**
   * A clock that is wrong is told from a secret that is.
   *
   * @covers ::of
   */
  public function testTellsWrongClockFromWrongSecret(): void {
    $body = '{"code":"signatureInvalid","title":"No."}';
    $this->assertSame('unauthorized', ConsoleAnswer::of(401, $body, 'items', 299)->reason);
    $this->assertSame('clock', ConsoleAnswer::of(401, $body, 'items', 301)->reason);
    $this->assertSame('clock', ConsoleAnswer::of(401, $body, 'items', -3600)->reason);
  }

  /**
   * A list of any length becomes a page that ends.
   *
   * @covers \Drupal\entra_user_sync\Console\Record
   */
  public function testReadsNoMoreThanPageCanShow(): void {
    $data = ConsoleAnswer::of(200, '{"items":[' . str_repeat('{},', 5000) . '{}]}', 'items')->data;
    $this->assertCount(200, $data->records('items'));
  }

  /**
   * A shape that is not foreseen reads as empty.
   *
   * @covers \Drupal\entra_user_sync\Console\Record
   */
  public function testReadsForeignShapesAsEmpty(): void {
    $data = ConsoleAnswer::of(200, '{"items":[7,{"at":["x"],"reason":"r"}]}', 'items')->data;
    [$item] = $data->records('items');
    $this->assertCount(1, $data->records('items'));
    $this->assertSame('', $item->text('at'));
    $this->assertSame('', $item->text('reason', 'message'));
    $this->assertNull($item->record('reason'));
    $this->assertSame([], $item->records('changes'));
  }

}
