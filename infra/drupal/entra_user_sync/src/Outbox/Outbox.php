<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Uuid\UuidInterface;
use Drupal\Core\Database\Connection;

/**
 * Changes to users that the sync app has not confirmed yet.
 *
 * Rows are written by hooks that core calls inside the transaction of the save
 * (SqlContentEntityStorage::save()): both are there, or neither is.
 */
class Outbox {

  private const TABLE = 'entra_user_sync_outbox';
  private const SEQUENCE = 'entra_user_sync_sequence';
  private const CANDIDATES = 10;

  /**
   * Seconds after which the row of a process that died is free again.
   *
   * Longer than one request can take (Webhook::TIMEOUT).
   */
  private const LEASE = 60;

  public function __construct(
    private readonly Connection $database,
    private readonly TimeInterface $time,
    private readonly UuidInterface $uuid,
  ) {}

  /**
   * Notes a change, in the transaction of its save.
   *
   * A user has one row: a later change takes the place of the one that waits,
   * with a new sequence. Does not touch the lease of a process that is sending
   * the row right now: what it sends is older, and its answer removes nothing.
   */
  public function record(string $uuid, ChangeKind $kind, ?string $actor, bool $isOwn): void {
    // Nothing waits for a user who is new, and imports make very many. (A UUID
    // that comes back after a delete is told as created, too.)
    $pending = $kind === ChangeKind::Created ? NULL : $this->pending($uuid);
    if ($pending) {
      $before = ChangeKind::from($pending->kind);
      // The condition on "offered" settles a race with a process that takes
      // the row right now: then the app may hear of the user.
      if ($kind->after($before, (bool) $pending->offered) === NULL && $this->dropUnoffered($uuid)) {
        return;
      }
      $kind = $kind->after($before, TRUE) ?? $kind;
      // One change by a person makes the row a person's.
      if ($isOwn && !$pending->own) {
        $isOwn = FALSE;
        $actor = $pending->actor;
      }
    }
    $now = $this->time->getCurrentTime();
    // Upsert is one statement in every database of core: two saves of one user
    // at once cannot fail each other.
    $this->database->upsert(self::TABLE)
      ->key('uuid')
      ->fields([
        'uuid' => $uuid,
        'kind' => $kind->value,
        'sequence' => $this->nextNumber($now),
        'message_id' => 'msg_' . $this->uuid->generate(),
        'actor' => $actor,
        'own' => (int) $isOwn,
        'recorded' => $now,
        'attempts' => 0,
        'next_attempt' => 0,
      ])
      ->execute();
  }

  /**
   * Takes the oldest row that is due, for this process alone.
   *
   * @return \Drupal\entra_user_sync\Outbox\OutboxRow|null
   *   The row, or NULL if none is due, or others are sending all that are.
   */
  public function claim(): ?OutboxRow {
    $now = $this->time->getCurrentTime();
    $query = $this->database->select(self::TABLE, 'o')->fields('o')
      ->condition('next_attempt', $now, '<=')
      ->condition('lease_until', $now, '<=')
      ->orderBy('sequence')
      ->range(0, self::CANDIDATES);
    foreach ($query->execute() as $found) {
      $lease = $this->uuid->generate();
      // Whoever changes the row first has it. The sequence is part of the
      // condition: what is sent is what was read.
      $taken = $this->database->update(self::TABLE)
        ->fields(['lease' => $lease, 'lease_until' => $now + self::LEASE, 'offered' => 1])
        ->condition('uuid', $found->uuid)
        ->condition('sequence', $found->sequence)
        ->condition('lease_until', $now, '<=')
        ->execute();
      if ($taken === 1) {
        return new OutboxRow(
          uuid: $found->uuid,
          kind: ChangeKind::from($found->kind),
          sequence: (int) $found->sequence,
          messageId: $found->message_id,
          actor: $found->actor,
          recorded: (int) $found->recorded,
          attempts: (int) $found->attempts,
          lease: $lease,
        );
      }
    }
    return NULL;
  }

  /**
   * The app has it: the row goes, unless the user changed meanwhile.
   */
  public function confirm(OutboxRow $row): void {
    $this->database->delete(self::TABLE)
      ->condition('uuid', $row->uuid)
      ->condition('sequence', $row->sequence)
      ->condition('lease', $row->lease)
      ->execute();
    $this->release($row);
  }

  /**
   * The app refused this content: it is tried again later, others go on.
   */
  public function postpone(OutboxRow $row, int $seconds): void {
    $this->database->update(self::TABLE)
      ->fields([
        'attempts' => $row->attempts + 1,
        'next_attempt' => $this->time->getCurrentTime() + $seconds,
      ])
      ->condition('uuid', $row->uuid)
      ->condition('sequence', $row->sequence)
      ->condition('lease', $row->lease)
      ->execute();
    $this->release($row);
  }

  /**
   * The app could not be asked: the row is as it was.
   */
  public function release(OutboxRow $row): void {
    $this->database->update(self::TABLE)
      ->fields(['lease' => '', 'lease_until' => 0])
      ->condition('uuid', $row->uuid)
      ->condition('lease', $row->lease)
      ->execute();
  }

  /**
   * How many users wait, and since when.
   *
   * @return array{rows: int, oldest: int|null, refused: int}
   *   The number of rows, the Unix time of the oldest, and how many of them the
   *   app has refused.
   */
  public function depth(): array {
    $query = $this->database->select(self::TABLE, 'o');
    $query->addExpression('COUNT(*)', 'row_count');
    $query->addExpression('MIN(recorded)', 'oldest');
    $query->addExpression('SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END)', 'refused');
    $found = $query->execute()->fetchObject();
    return [
      'rows' => (int) $found->row_count,
      'oldest' => $found->oldest === NULL ? NULL : (int) $found->oldest,
      'refused' => (int) $found->refused,
    ];
  }

  /**
   * Forgets numbers that were handed out, but never the highest.
   *
   * MySQL before 8.0 begins again at the highest row after a restart.
   */
  public function prune(): void {
    $highest = $this->database->query('SELECT MAX([value]) FROM {' . self::SEQUENCE . '}')->fetchField();
    if ($highest) {
      $this->database->delete(self::SEQUENCE)->condition('value', $highest, '<')->execute();
    }
  }

  /**
   * The row of a user, or FALSE if there is none.
   */
  private function pending(string $uuid): object|false {
    return $this->database->select(self::TABLE, 'o')
      ->fields('o', ['kind', 'offered', 'own', 'actor'])
      ->condition('uuid', $uuid)
      ->execute()
      ->fetchObject();
  }

  /**
   * Takes a number. No two changes have the same, and nobody waits for it.
   */
  private function nextNumber(int $now): int {
    return (int) $this->database->insert(self::SEQUENCE)->fields(['recorded' => $now])->execute();
  }

  /**
   * Removes a row that nobody has begun to send.
   */
  private function dropUnoffered(string $uuid): bool {
    return $this->database->delete(self::TABLE)
      ->condition('uuid', $uuid)
      ->condition('offered', 0)
      ->execute() === 1;
  }

}
