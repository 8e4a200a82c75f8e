<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

/**
 * How long to wait after a failure: from seconds to six hours.
 *
 * The first wait is short: an app that was slow once is back at once, and people
 * see their change in seconds. Each further one is four times as long.
 */
final class Backoff {

  private const FIRST = 5;
  private const FACTOR = 4;
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
    // 5 * 4 ** 6 seconds are more than four hours already.
    $steps = min(max($failures, 1) - 1, 6);
    $base = min(self::FIRST * self::FACTOR ** $steps, self::LONGEST);
    return (int) round($base * (1 + $chance / 2));
  }

}
