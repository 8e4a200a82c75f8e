<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\DestructableInterface;
use Drupal\Core\Lock\LockBackendInterface;
use Drupal\Core\Utility\Error;
use Drupal\entra_user_sync\Delivery\Answer;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\entra_user_sync\Delivery\Webhook;
use Psr\Log\LoggerInterface;
use Symfony\Component\DependencyInjection\Attribute\Autowire;

/**
 * Sends what waits in the outbox.
 *
 * After the response, so that the person who saves waits for nothing; then by
 * cron, and by the next change.
 */
class Dispatcher implements DestructableInterface {

  /**
   * Rows that one request sends: a worker of PHP is not kept for long.
   */
  private const ROWS = 20;

  /**
   * Seconds after which a request begins no further row.
   */
  private const SECONDS = 10;

  private const LOCK = 'entra_user_sync.send';

  /**
   * Seconds after which the lock of a process that died is free again.
   *
   * It is renewed before each row, and a row takes Webhook::TIMEOUT at most.
   */
  private const LOCK_SECONDS = 30.0;

  /**
   * Whether anything was recorded in this request.
   */
  private bool $isAwake = FALSE;

  public function __construct(
    private readonly Outbox $outbox,
    private readonly DeliveryState $deliveryState,
    private readonly Webhook $webhook,
    private readonly Connection $database,
    private readonly TimeInterface $time,
    #[Autowire(service: 'lock')]
    private readonly LockBackendInterface $lock,
    #[Autowire(service: 'logger.channel.entra_user_sync')]
    private readonly LoggerInterface $logger,
  ) {}

  /**
   * Something was recorded in this request: send once it is over.
   *
   * Keeps no list: what a save recorded and rolled back is not in the outbox.
   */
  public function wake(): void {
    $this->isAwake = TRUE;
  }

  /**
   * {@inheritdoc}
   */
  public function destruct(): void {
    // In a transaction that is still open, others cannot see the row, and it
    // may yet be rolled back. Cron sends it.
    if (!$this->isAwake || $this->database->inTransaction()) {
      return;
    }
    $this->isAwake = FALSE;
    try {
      $this->send(self::ROWS, self::SECONDS);
    }
    catch (\Throwable $exception) {
      // The rows are still there. The rest of the request's end must go on.
      Error::logException($this->logger, $exception);
    }
  }

  /**
   * Sends rows until none is due, or one of the limits is reached.
   *
   * Only one process of the site sends at a time: a crowd of requests would
   * keep many workers of PHP busy, and tell the app nothing sooner. Whoever
   * finds another at it leaves. Nothing that it has recorded is overlooked: the
   * other looks once more after it has given back the lock, and whoever could
   * not get the lock had recorded before that.
   *
   * Stops at the first answer that speaks of the app and not of the row: what
   * is down is asked once, not once for each row.
   *
   * @param int $rows
   *   How many rows at most.
   * @param float $seconds
   *   After how many seconds no further row is begun.
   * @param bool $isAsked
   *   Whether a person asks for it: then the app is asked although it is to be
   *   left alone for a while, after failures or because it said so.
   *
   * @return int
   *   How many rows the app has accepted.
   */
  public function send(int $rows, float $seconds, bool $isAsked = FALSE): int {
    $accepted = 0;
    $end = microtime(TRUE) + $seconds;
    while ($this->isOpen($isAsked) && $this->lock->acquire(self::LOCK, self::LOCK_SECONDS)) {
      try {
        $isDone = $this->sendDue($rows, $end, $isAsked, $accepted);
      }
      finally {
        $this->lock->release(self::LOCK);
      }
      if (!$isDone || !$this->outbox->isAnyDue()) {
        break;
      }
    }
    return $accepted;
  }

  /**
   * Sends what is due, while this process has the lock.
   *
   * @param int $rows
   *   How many rows are left of the limit; what is tried is taken off.
   * @param float $end
   *   When no further row is begun, as microtime() has it.
   * @param bool $isAsked
   *   Whether a person asks for it.
   * @param int $accepted
   *   What the app has accepted is added.
   *
   * @return bool
   *   TRUE if nothing was due any more, FALSE if it stopped before.
   */
  private function sendDue(int &$rows, float $end, bool $isAsked, int &$accepted): bool {
    $before = $accepted;
    $isDone = TRUE;
    foreach ($this->outbox->due() as $due) {
      $isInTime = $rows > 0 && microtime(TRUE) < $end;
      // Others may have paused it meanwhile. The lock is renewed; if this
      // process was so slow that it has lost it, another is at it.
      if (!$isInTime || !$this->isOpen($isAsked) || !$this->lock->acquire(self::LOCK, self::LOCK_SECONDS)) {
        $isDone = FALSE;
        break;
      }
      $row = $this->outbox->take($due);
      if ($row === NULL) {
        continue;
      }
      $rows--;
      $answer = $this->webhook->post($row->messageId, $row->body());
      if ($answer->kind === AnswerKind::Accepted) {
        $this->outbox->confirm($row);
        $accepted++;
        continue;
      }
      $this->deliveryState->failed($answer);
      $this->logger->warning('The sync app did not accept a change: @reason (@status). @then', [
        '@reason' => $answer->reason,
        '@status' => $answer->status ?? 'no answer',
        '@then' => $this->react($row, $answer),
      ]);
      if ($answer->kind !== AnswerKind::Refused) {
        $isDone = FALSE;
        break;
      }
    }
    if ($accepted > $before && ($answer->kind ?? NULL) !== AnswerKind::Later) {
      $this->deliveryState->succeeded();
    }
    return $isDone;
  }

  /**
   * Whether anything may be sent now.
   */
  private function isOpen(bool $isAsked): bool {
    return ($isAsked || $this->deliveryState->heldUntil() <= $this->time->getCurrentTime())
      && $this->deliveryState->pause() === NULL
      && $this->webhook->isReady();
  }

  /**
   * Puts a row that was not accepted where it belongs, and says so.
   */
  private function react(OutboxRow $row, Answer $answer): string {
    if ($answer->kind === AnswerKind::Refused) {
      $this->outbox->postpone($row, Backoff::seconds($row->attempts + 1, mt_rand() / mt_getrandmax()));
      return 'It is tried again later.';
    }
    $this->outbox->release($row);
    return $answer->kind === AnswerKind::Pause ? 'Sending is paused.' : 'Everything is tried again later.';
  }

}
