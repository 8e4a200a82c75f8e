<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\State\StateInterface;
use Drupal\entra_user_sync\Delivery\Answer;
use Drupal\entra_user_sync\Delivery\AnswerKind;

/**
 * How sending goes: paused or not, last success, last failure.
 *
 * One State entry for each fact, so that two processes that write at once lose
 * at most the older of two equal facts.
 */
class DeliveryState {

  private const PAUSED = 'entra_user_sync.paused';
  private const HELD = 'entra_user_sync.held';
  private const SUCCESS = 'entra_user_sync.last_success';
  private const FAILURE = 'entra_user_sync.last_failure';

  public function __construct(
    private readonly StateInterface $state,
    private readonly TimeInterface $time,
  ) {}

  /**
   * Why nothing is sent until someone resumes it; NULL if it is not so.
   *
   * @return array{reason: string, since: int}|null
   *   The reason is "person", "unauthorized" (401) or "gone" (410).
   */
  public function pause(): ?array {
    return $this->state->get(self::PAUSED);
  }

  /**
   * Stops sending; changes are still recorded.
   */
  public function pauseFor(string $reason): void {
    $this->state->set(self::PAUSED, ['reason' => $reason, 'since' => $this->time->getCurrentTime()]);
  }

  /**
   * Sends again, at once.
   */
  public function resume(): void {
    $this->state->deleteMultiple([self::PAUSED, self::HELD]);
  }

  /**
   * Unix time until which the app is left alone; 0 if it is not.
   */
  public function heldUntil(): int {
    return $this->state->get(self::HELD)['until'] ?? 0;
  }

  /**
   * The app accepted something.
   */
  public function succeeded(): void {
    $this->state->set(self::SUCCESS, $this->time->getCurrentTime());
    if ($this->state->get(self::HELD) !== NULL) {
      $this->state->delete(self::HELD);
    }
  }

  /**
   * The app did not accept something.
   */
  public function failed(Answer $answer): void {
    $now = $this->time->getCurrentTime();
    $this->state->set(self::FAILURE, [
      'at' => $now,
      'reason' => $answer->reason,
      'status' => $answer->status,
    ]);
    if ($answer->kind === AnswerKind::Pause) {
      $this->pauseFor($answer->reason);
    }
    if ($answer->kind === AnswerKind::Later) {
      $failures = ($this->state->get(self::HELD)['failures'] ?? 0) + 1;
      $wait = max(Backoff::seconds($failures, mt_rand() / mt_getrandmax()), $answer->retryAfter);
      $this->state->set(self::HELD, ['failures' => $failures, 'until' => $now + $wait]);
    }
  }

  /**
   * Unix time of the last success; NULL before the first.
   */
  public function lastSuccess(): ?int {
    return $this->state->get(self::SUCCESS);
  }

  /**
   * The last failure.
   *
   * @return array{at: int, reason: string, status: int|null}|null
   *   When and what; NULL if there was none.
   */
  public function lastFailure(): ?array {
    return $this->state->get(self::FAILURE);
  }

  /**
   * Forgets everything: for uninstalling.
   */
  public function forget(): void {
    $this->state->deleteMultiple([self::PAUSED, self::HELD, self::SUCCESS, self::FAILURE]);
  }

}
