<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\DestructableInterface;
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
    if ($this->deliveryState->heldUntil() > $this->time->getCurrentTime()) {
      return;
    }
    try {
      $this->send(self::ROWS, self::SECONDS);
    }
    catch (\Exception $exception) {
      // The rows are still there. The rest of the request's end must go on.
      Error::logException($this->logger, $exception);
    }
  }

  /**
   * Sends rows until none is due, or one of the limits is reached.
   *
   * Stops at the first answer that speaks of the app and not of the row: what
   * is down is asked once, not once for each row.
   *
   * @param int $rows
   *   How many rows at most.
   * @param float $seconds
   *   After how many seconds no further row is begun.
   *
   * @return int
   *   How many rows the app has accepted.
   */
  public function send(int $rows, float $seconds): int {
    $accepted = 0;
    $end = microtime(TRUE) + $seconds;
    foreach ($this->outbox->due() as $due) {
      if ($rows <= 0 || microtime(TRUE) >= $end || $this->deliveryState->pause() !== NULL || !$this->webhook->isReady()) {
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
        break;
      }
    }
    if ($accepted > 0 && ($answer->kind ?? NULL) !== AnswerKind::Later) {
      $this->deliveryState->succeeded();
    }
    return $accepted;
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
