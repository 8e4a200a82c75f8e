<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

/**
 * What came of a question to the app.
 */
final class ConsoleAnswer {

  private function __construct(
    public readonly string $reason,
    public readonly Record $data,
    public readonly ?int $status = NULL,
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
   */
  public static function of(int $status, string $body, string $expected): self {
    $decoded = json_decode($body, TRUE);
    $data = new Record(is_array($decoded) ? $decoded : []);
    $code = $data->text('code');
    $reason = match (TRUE) {
      $status === 200 || $status === 202 => is_array($data->value($expected)) ? 'answered' : 'not_the_app',
      $status < 300 => 'not_the_app',
      $status < 400 => 'redirected',
      $status === 401 => 'unauthorized',
      $status === 404 => match ($code) {
        'notFound' => 'off',
        'linkNotFound' => 'unknown_user',
        default => 'not_found',
      },
      $code !== '' && $data->text('title') !== '' => 'refused',
      $status === 403 => 'forbidden',
      $status === 429 => 'throttled',
      $status >= 500 => 'failing',
      default => 'unexpected',
    };
    return new self($reason, $data, $status);
  }

  /**
   * Nobody was asked, or no answer came.
   *
   * @param string $reason
   *   One of "not_set_up", "name", "tls", "timeout", "connection".
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
