<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

/**
 * What came of a delivery.
 */
final class Answer {

  /**
   * Longest time that the app may ask for: six hours, in seconds.
   */
  private const LONGEST_WAIT = 21600;

  private function __construct(
    public readonly AnswerKind $kind,
    public readonly string $reason,
    public readonly ?int $status = NULL,
    public readonly int $retryAfter = 0,
  ) {}

  /**
   * Reads the status of an answer.
   *
   * Only 202 is the app's own word: a login page or a proxy answers 200.
   *
   * @param int $status
   *   The HTTP status.
   * @param string $retryAfter
   *   The Retry-After header in seconds; anything else is passed over.
   */
  public static function ofStatus(int $status, string $retryAfter = ''): self {
    [$kind, $reason] = match (TRUE) {
      $status === 202 => [AnswerKind::Accepted, 'accepted'],
      $status === 401 => [AnswerKind::Pause, 'unauthorized'],
      // "The consumer is no longer interested" (Standard Webhooks).
      $status === 410 => [AnswerKind::Pause, 'gone'],
      in_array($status, [400, 413, 415, 422], TRUE) => [AnswerKind::Refused, 'refused'],
      $status === 403 => [AnswerKind::Later, 'forbidden'],
      $status === 404 => [AnswerKind::Later, 'not_found'],
      $status === 429 => [AnswerKind::Later, 'throttled'],
      $status >= 200 && $status < 300 => [AnswerKind::Later, 'not_the_app'],
      $status >= 300 && $status < 400 => [AnswerKind::Later, 'redirected'],
      $status >= 500 => [AnswerKind::Later, 'failing'],
      default => [AnswerKind::Later, 'unexpected'],
    };
    $wait = ctype_digit($retryAfter) && strlen($retryAfter) < 9 ? (int) $retryAfter : 0;
    return new self($kind, $reason, $status, min($wait, self::LONGEST_WAIT));
  }

  /**
   * No answer came.
   *
   * @param string $reason
   *   One of "name", "tls", "timeout", "connection".
   */
  public static function none(string $reason): self {
    return new self(AnswerKind::Later, $reason);
  }

}
