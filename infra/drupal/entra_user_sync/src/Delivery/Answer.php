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
   * As Standard Webhooks advise, 410 stops everything, redirects are failures,
   * and 429 and 5xx slow down everything. 401 stops, too: a signature that is
   * wrong is wrong for each row. 403 and 404 may come from what stands before
   * the app, or while it is deployed, so they are asked again later; a row is
   * at fault only where the app says that it cannot take the content.
   *
   * @param int $status
   *   The HTTP status.
   * @param string $retryAfter
   *   The Retry-After header: seconds, or a date (RFC 9110, section 10.2.3).
   * @param int $now
   *   Unix time, for a date.
   *
   * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
   */
  public static function ofStatus(int $status, string $retryAfter = '', int $now = 0): self {
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
    return new self($kind, $reason, $status, self::secondsOf(trim($retryAfter), $now));
  }

  /**
   * Seconds that a Retry-After header asks for; 0 if it says nothing of use.
   */
  private static function secondsOf(string $retryAfter, int $now): int {
    if (ctype_digit($retryAfter)) {
      // More digits than an int may hold are very long, too.
      return strlen($retryAfter) < 9 ? min((int) $retryAfter, self::LONGEST_WAIT) : self::LONGEST_WAIT;
    }
    $date = \DateTimeImmutable::createFromFormat('!D, d M Y H:i:s \G\M\T', $retryAfter, new \DateTimeZone('UTC'));
    return $date === FALSE ? 0 : min(max($date->getTimestamp() - $now, 0), self::LONGEST_WAIT);
  }

  /**
   * No answer came.
   *
   * @param string $reason
   *   One of "name", "tls", "timeout", "connection", "too_long", "no_address".
   */
  public static function none(string $reason): self {
    return new self(AnswerKind::Later, $reason);
  }

}
