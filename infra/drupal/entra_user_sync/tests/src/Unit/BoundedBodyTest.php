<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Delivery\BoundedBody;
use Drupal\Tests\UnitTestCase;

/**
 * Tests that no answer fills the memory.
 *
 * @group entra_user_sync
 * @group entra_user_sync_with_core
 * @coversDefaultClass \Drupal\entra_user_sync\Delivery\BoundedBody
 */
class BoundedBodyTest extends UnitTestCase {

  /**
   * What fits is kept whole.
   *
   * @covers ::write
   */
  public function testKeepsWhatFits(): void {
    $body = new BoundedBody(6);
    $this->assertSame(3, $body->write('abc'));
    $this->assertSame(3, $body->write('def'));
    $this->assertFalse($body->isOver());
    $this->assertSame('abcdef', (string) $body);
  }

  /**
   * The first byte too many ends it: curl breaks off where none is taken.
   *
   * @covers ::write
   * @covers ::isOver
   */
  public function testTakesNoMoreThanItsSize(): void {
    $body = new BoundedBody(6);
    $body->write('abc');
    $this->assertSame(0, $body->write('defg'));
    $this->assertSame(0, $body->write('d'));
    $this->assertTrue($body->isOver());
    $this->assertSame(3, $body->getSize());
  }

}
