<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

/**
 * What came of a question to the app.
 */
final class ConsoleAnswer {

  /**
   * The app takes signatures of so many seconds ago, or ahead.
   */
  private const MOST_SKEW = 300;

  private function __construct(
    public readonly string $reason,
    public readonly Record $data,
    public readonly ?int $status = NULL,
    public readonly int $skew = 0,
  ) {}

  /**
   * Reads an answer.
   *
   * @param int $status
   *   The HTTP status.
   * @param string $body
   *   The bytes of the body.
   * @param string $expected
   *   The member that such an answer of the app always has: a login page or a
   *   proxy answers 200, too.
   * @param int $skew
   *   How many seconds the clock of who answered is ahead.
   */
  public static function of(int $status, string $body, string $expected, int $skew = 0): self {
    $decoded = json_decode($body, TRUE);
    $data = new Record(is_array($decoded) ? $decoded : []);
    $code = $data->text('code');
    $reason = match (TRUE) {
      $status === 200 || $status === 202 => is_array($data->value($expected)) ? 'answered' : 'not_the_app',
      $status < 300 => 'not_the_app',
      $status < 400 => 'redirected',
      $status === 401 => abs($skew) > self::MOST_SKEW ? 'clock' : 'unauthorized',
      $status === 429 => 'throttled',
      $status === 404 => match ($code) {
        'notFound' => 'off',
        'linkNotFound' => 'unknown_user',
        default => 'not_found',
      },
      $code !== '' && $data->text('title') !== '' => 'refused',
      $status === 403 => 'forbidden',
      $status >= 500 => 'failing',
      default => 'unexpected',
    };
    return new self($reason, $data, $status, $skew);
  }

  /**
   * Nobody was asked, or no answer came.
   *
   * @param string $reason
   *   One of "not_set_up", "no_address", "name", "tls", "timeout",
   *   "connection", "broken", "too_long".
   */
  public static function none(string $reason): self {
    return new self($reason, new Record([]));
  }

  /**
   * Whether the app has told what it was asked for.
   */
  public function isAnswered(): bool {
    return $this->reason === 'answered';
  }

  /**
   * Whether the same would come of another question now.
   *
   * Then nobody is made to wait for it.
   */
  public function isOfApp(): bool {
    return !in_array($this->reason, ['answered', 'unknown_user', 'refused'], TRUE);
  }

}
