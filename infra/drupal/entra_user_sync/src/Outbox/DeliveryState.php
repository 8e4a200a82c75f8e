<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\KeyValueStore\KeyValueFactoryInterface;
use Drupal\Core\KeyValueStore\KeyValueStoreInterface;
use Drupal\entra_user_sync\Delivery\Answer;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Symfony\Component\DependencyInjection\Attribute\Autowire;

/**
 * How sending goes: paused or not, last success, last failure.
 *
 * Kept in the key-value store and not in State, which keeps what it has read
 * until the end of the request: a long run of cron would not see that a person
 * has paused it. One entry for each fact, so that two processes that write at
 * once lose at most the older of two equal facts.
 */
class DeliveryState {

  private const COLLECTION = 'entra_user_sync.delivery';
  private const PAUSED = 'paused';
  private const HELD = 'held';
  private const SUCCESS = 'last_success';
  private const FAILURE = 'last_failure';

  public function __construct(
    #[Autowire(service: 'keyvalue')]
    private readonly KeyValueFactoryInterface $keyValueFactory,
    private readonly TimeInterface $time,
  ) {}

  /**
   * Why nothing is sent until someone resumes it; NULL if it is not so.
   *
   * @return array{reason: string, since: int}|null
   *   The reason is "person", "unauthorized" (401) or "gone" (410).
   */
  public function pause(): ?array {
    return $this->store()->get(self::PAUSED);
  }

  /**
   * Stops sending; changes are still recorded.
   */
  public function pauseFor(string $reason): void {
    // What stopped it first is told, and is what is to be mended: an answer
    // that was on its way does not take the place of a person's word.
    $this->store()->setIfNotExists(self::PAUSED, ['reason' => $reason, 'since' => $this->time->getCurrentTime()]);
  }

  /**
   * Sends again, at once.
   */
  public function resume(): void {
    $this->store()->deleteMultiple([self::PAUSED, self::HELD]);
  }

  /**
   * Leaves the app alone no longer: what failed is mended, or may be.
   *
   * A pause stays.
   */
  public function release(): void {
    $this->store()->delete(self::HELD);
  }

  /**
   * Unix time until which the app is left alone; 0 if it is not.
   */
  public function heldUntil(): int {
    return $this->store()->get(self::HELD)['until'] ?? 0;
  }

  /**
   * The app accepted something.
   */
  public function succeeded(): void {
    $this->store()->set(self::SUCCESS, $this->time->getCurrentTime());
    if ($this->store()->get(self::HELD) !== NULL) {
      $this->store()->delete(self::HELD);
    }
  }

  /**
   * The app did not accept something.
   */
  public function failed(Answer $answer): void {
    $now = $this->time->getCurrentTime();
    $this->store()->set(self::FAILURE, [
      'at' => $now,
      'reason' => $answer->reason,
      'status' => $answer->status,
    ]);
    if ($answer->kind === AnswerKind::Pause) {
      $this->pauseFor($answer->reason);
    }
    if ($answer->kind === AnswerKind::Later) {
      $failures = ($this->store()->get(self::HELD)['failures'] ?? 0) + 1;
      $wait = max(Backoff::seconds($failures, mt_rand() / mt_getrandmax()), $answer->retryAfter);
      $this->store()->set(self::HELD, ['failures' => $failures, 'until' => $now + $wait]);
    }
  }

  /**
   * Unix time of the last success; NULL before the first.
   */
  public function lastSuccess(): ?int {
    return $this->store()->get(self::SUCCESS);
  }

  /**
   * The last failure.
   *
   * @return array{at: int, reason: string, status: int|null}|null
   *   When and what; NULL if there was none.
   */
  public function lastFailure(): ?array {
    return $this->store()->get(self::FAILURE);
  }

  /**
   * Forgets everything: for uninstalling.
   */
  public function forget(): void {
    $this->store()->deleteAll();
  }

  /**
   * Where it is kept; nothing of it is cached.
   */
  private function store(): KeyValueStoreInterface {
    return $this->keyValueFactory->get(self::COLLECTION);
  }

}
