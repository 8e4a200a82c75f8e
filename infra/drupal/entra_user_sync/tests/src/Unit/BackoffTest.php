<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Outbox\Backoff;
use Drupal\Tests\UnitTestCase;

/**
 * Tests how long the site waits after failures.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Outbox\Backoff
 */
class BackoffTest extends UnitTestCase {

  /**
   * @covers ::seconds
   * @dataProvider waits
   */
  public function testWaitsLongerAfterEachFailure(int $failures, int $shortest, int $longest): void {
    $this->assertSame($shortest, Backoff::seconds($failures, 0.0));
    $this->assertSame($longest, Backoff::seconds($failures, 1.0));
  }

  /**
   * Failures in a row, the shortest and the longest wait in seconds.
   */
  public static function waits(): array {
    return [
      'the first' => [1, 5, 8],
      'the second' => [2, 20, 30],
      'the fifth' => [5, 1280, 1920],
      'never more than six hours' => [10, 14400, 21600],
      'after a year' => [2000, 14400, 21600],
      'never less than the first' => [0, 5, 8],
    ];
  }

}
