<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

/**
 * How long to wait after a failure: from a minute to six hours.
 */
final class Backoff {

  private const FIRST = 60;
  private const LONGEST = 4 * 3600;

  /**
   * Seconds to wait.
   *
   * @param int $failures
   *   How many tries have failed in a row, this one included.
   * @param float $chance
   *   A random number from 0 to 1. It spreads the tries of many sites, so that
   *   an app that comes back is not met by all of them at once.
   */
  public static function seconds(int $failures, float $chance): int {
    // 2 ** 8 minutes is more than four hours already.
    $doublings = min(max($failures, 1) - 1, 8);
    $base = min(self::FIRST * 2 ** $doublings, self::LONGEST);
    return (int) round($base * (1 + $chance / 2));
  }

}
