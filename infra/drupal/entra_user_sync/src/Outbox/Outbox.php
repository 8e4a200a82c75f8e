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
   * with a new sequence. It keeps the lease of a process that is sending the
   * user right now: what that sends is older, and its answer removes nothing.
   *
   * Old rows are removed by their primary key only. A range would lock the gaps
   * beside it in MySQL, and saves of other users would wait for this one. So
   * two saves of one user at the very same time may leave two rows: the app
   * hears of that user twice.
   */
  public function record(string $uuid, ChangeKind $kind, ?string $actor, bool $isOwn): void {
    $lease = [];
    // Nothing waits for a user who is new, and imports make very many. (A UUID
    // that comes back after a delete is told after the delete.)
    foreach ($kind === ChangeKind::Created ? [] : $this->pending($uuid) as $pending) {
      $kept = $kind->after(ChangeKind::from($pending->kind), (bool) $pending->offered);
      // The condition on "offered" settles a race with a process that takes
      // the row right now: then the app may hear of the user.
      if ($kept === NULL && $this->dropUnoffered($pending->sequence)) {
        return;
      }
      $kind = $kept ?? $kind;
      // One change by a person makes the row a person's.
      if ($isOwn && !$pending->own) {
        $isOwn = FALSE;
        $actor = $pending->actor;
      }
      $lease = $this->replace($pending);
    }
    $this->insert($uuid, $kind, $actor, $isOwn, $lease);
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
      // Whoever changes the row first has it.
      $taken = $this->database->update(self::TABLE)
        ->fields(['lease' => $lease, 'lease_until' => $now + self::LEASE, 'offered' => 1])
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
   * The app has it: the row goes, and a newer one of the user stays.
   */
  public function confirm(OutboxRow $row): void {
    $this->database->delete(self::TABLE)
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
   * Writes a new row.
   *
   * Every save of an import pays for this. It is one plain statement, because
   * building it as an object (Connection::insert()) takes as long again as
   * carrying it out; columns that have their default are left out. Values are
   * text, as numbers cost SQLite a search through the statement.
   *
   * @param string $uuid
   *   The user.
   * @param \Drupal\entra_user_sync\Outbox\ChangeKind $kind
   *   What happened.
   * @param string|null $actor
   *   UUID of whoever did it.
   * @param bool $isOwn
   *   Whether the sync app did all of it.
   * @param array<string, string|int> $inherited
   *   Columns that come from a row whose place this one takes.
   */
  private function insert(string $uuid, ChangeKind $kind, ?string $actor, bool $isOwn, array $inherited): void {
    $values = [
      'uuid' => $uuid,
      'kind' => $kind->value,
      // The webhook-id has to differ from that of any other content, even if
      // sequences begin anew: 128 random bits, written the cheapest way.
      'message_id' => 'msg_' . bin2hex(random_bytes(16)),
      'actor' => $actor,
      'own' => $isOwn ? '1' : '0',
      'recorded' => (string) $this->time->getCurrentTime(),
    ] + array_map(strval(...), $inherited);
    $columns = array_keys($values);
    $this->database->query(
      'INSERT INTO {' . self::TABLE . '} ([' . implode('], [', $columns) . ']) VALUES (:' . implode(', :', $columns) . ')',
      array_combine(array_map(fn (string $column): string => ":$column", $columns), $values),
    );
  }

  /**
   * The rows of a user: one, or two after a race.
   *
   * @return object[]
   *   The rows, the oldest first.
   */
  private function pending(string $uuid): array {
    return $this->database->select(self::TABLE, 'o')
      ->fields('o')
      ->condition('uuid', $uuid)
      ->orderBy('sequence')
      ->execute()
      ->fetchAll();
  }

  /**
   * Removes a row that a newer one takes the place of.
   *
   * @return array<string, string|int>
   *   What the newer row inherits.
   */
  private function replace(object $pending): array {
    $isAsRead = $this->database->delete(self::TABLE)
      ->condition('sequence', $pending->sequence)
      ->condition('lease', $pending->lease)
      ->execute() === 1;
    if ($isAsRead) {
      return ['lease' => $pending->lease, 'lease_until' => $pending->lease_until, 'offered' => $pending->offered];
    }
    // Someone has taken it since it was read, and the app may hear of the user.
    $this->database->delete(self::TABLE)->condition('sequence', $pending->sequence)->execute();
    return ['lease' => '', 'lease_until' => 0, 'offered' => 1];
  }

  /**
   * Removes a row that nobody has begun to send.
   */
  private function dropUnoffered(int|string $sequence): bool {
    return $this->database->delete(self::TABLE)
      ->condition('sequence', $sequence)
      ->condition('offered', 0)
      ->execute() === 1;
  }

}
