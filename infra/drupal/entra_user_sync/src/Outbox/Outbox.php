<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Uuid\UuidInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\Database\Query\SelectInterface;

/**
 * Changes to users that the sync app has not confirmed yet.
 *
 * Rows are written by hooks that core calls inside the transaction of the save
 * (SqlContentEntityStorage::save()): both are there, or neither is.
 */
class Outbox {

  private const TABLE = 'entra_user_sync_outbox';
  private const CANDIDATES = 10;
  private const INSERT = 'INSERT INTO {' . self::TABLE . '}'
    . ' ([uuid], [kind], [message_id], [actor], [own], [recorded], [offered], [lease], [lease_until])'
    . ' VALUES (:uuid, :kind, :message_id, :actor, :own, :recorded, :offered, :lease, :lease_until)';

  /**
   * Seconds after which the row of a process that died is free again.
   *
   * Longer than one request can take (Webhook::TIMEOUT).
   */
  private const LEASE = 60;

  /**
   * Seconds after which users that were held back are told of in any case.
   */
  private const HOLD = 300;

  /**
   * Rows that are freed by one statement.
   */
  private const PAGE = 500;

  /**
   * How often rows that were held back are looked for, to be freed.
   */
  private const PASSES = 10;

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
   * A new user is written without a look, as imports make very many. If their
   * UUID was another's before, or two saves of one user meet, there are two
   * rows for a while: only the newest is sent (take()).
   *
   * Old rows are removed by their primary key only. A range would lock the gaps
   * beside it in MySQL, and saves of other users would wait for this one.
   */
  public function record(string $uuid, ChangeKind $kind, ?string $actor, bool $isOwn): void {
    $pending = $kind === ChangeKind::Created ? [] : $this->rowsOf($uuid);
    if ($pending === []) {
      $this->insert($uuid, $kind, $actor, $isOwn, []);
      return;
    }
    // The app knows whom it was told of, and whoever was there before the
    // oldest row: a UUID that went and came back is one that it knows.
    $isKnown = $pending[0]->kind !== ChangeKind::Created->value || in_array(1, array_map(fn (object $row): int => (int) $row->offered, $pending), TRUE);
    $told = NULL;
    foreach ($pending as $row) {
      $told = ChangeKind::from($row->kind)->after($told, $isKnown);
      // One change by a person makes the row a person's.
      if ($isOwn && !$row->own) {
        $isOwn = FALSE;
        $actor = $row->actor;
      }
    }
    $told = $kind->after($told, $isKnown);
    if ($told === NULL && $this->dropUnheard($pending)) {
      return;
    }
    $inherited = ['offered' => (int) $isKnown];
    foreach ($pending as $row) {
      $inherited = $this->replace($row) + $inherited;
    }
    $this->insert($uuid, $told ?? $kind, $actor, $isOwn, $inherited);
  }

  /**
   * Notes that many users are about to change, and holds their rows back.
   *
   * One statement, which the database carries out by itself: however many they
   * are, they fill no memory here. What waits of the same users is superseded
   * once one of the new rows is sent.
   *
   * If this process dies, the rows are told of as those of a sender that died:
   * a little later, but not never.
   *
   * @param \Drupal\Core\Database\Query\SelectInterface $users
   *   Selects uuid and uid, each user once.
   * @param string|null $actor
   *   UUID of whoever changes them.
   * @param bool $isOwn
   *   Whether the sync app does.
   *
   * @return string
   *   A token for free().
   */
  public function hold(SelectInterface $users, ?string $actor, bool $isOwn): string {
    $token = $this->uuid->generate();
    $now = $this->time->getCurrentTime();
    $select = $this->database->select($users, 'u')->fields('u', ['uuid']);
    // Numbers are written as they are, since text would be their type for
    // PostgreSQL.
    $select->addExpression(':kind', 'kind', [':kind' => ChangeKind::Updated->value]);
    $select->addExpression('CONCAT(:prefix, u.uid)', 'message_id', [':prefix' => 'msg_' . bin2hex(random_bytes(12)) . '_']);
    $select->addExpression($actor === NULL ? 'NULL' : ':actor', 'actor', $actor === NULL ? [] : [':actor' => $actor]);
    $select->addExpression($isOwn ? '1' : '0', 'own');
    $select->addExpression((string) $now, 'recorded');
    $select->addExpression(':lease', 'lease', [':lease' => $token]);
    $select->addExpression((string) ($now + self::HOLD), 'lease_until');
    $this->database->insert(self::TABLE)->from($select)->execute();
    return $token;
  }

  /**
   * Lets go of rows that were held back: their users have changed.
   *
   * A save that is not committed yet may take the place of a row, and its
   * token: the row is looked for again until there is none. Not for ever, as
   * whoever asks inside a transaction may see a row that is gone long since.
   *
   * @return bool
   *   Whether there were any.
   */
  public function free(string $token): bool {
    $passes = 0;
    while ($passes < self::PASSES && $this->freeAll($token)) {
      $passes++;
    }
    return $passes > 0;
  }

  /**
   * Frees each row with that token once.
   *
   * @return bool
   *   Whether there were any.
   */
  private function freeAll(string $token): bool {
    $last = 0;
    do {
      $sequences = $this->database->query('SELECT [sequence] FROM {' . self::TABLE . '} WHERE [sequence] > :last AND [lease] = :lease ORDER BY [sequence] LIMIT ' . self::PAGE, [
        ':last' => $last,
        ':lease' => $token,
      ])->fetchCol();
      if ($sequences !== []) {
        $last = end($sequences);
        $this->database->update(self::TABLE)
          ->fields(['lease' => '', 'lease_until' => 0])
          ->condition('sequence', $sequences, 'IN')
          ->condition('lease', $token)
          ->execute();
      }
    } while (count($sequences) === self::PAGE);
    return $last > 0;
  }

  /**
   * Rows that are due: what has never failed, then the rest; the oldest first.
   *
   * So what the app refuses again and again, or what ends each process that
   * sends it, holds up no other. Rows are read a few at a time and each is
   * passed once, so that one look at the table is enough for all of them.
   *
   * @return iterable<object>
   *   Rows for take().
   */
  public function due(): iterable {
    foreach (['= 0', '> 0'] as $attempts) {
      $last = 0;
      do {
        $now = $this->time->getCurrentTime();
        $found = $this->database->query('SELECT * FROM {' . self::TABLE . '} WHERE [sequence] > :last AND [attempts] ' . $attempts . ' AND [next_attempt] <= :now AND [lease_until] <= :now ORDER BY [sequence] LIMIT ' . self::CANDIDATES, [
          ':last' => $last,
          ':now' => $now,
        ])->fetchAll();
        foreach ($found as $row) {
          $last = $row->sequence;
          yield $row;
        }
      } while ($found !== []);
    }
  }

  /**
   * Whether a row is due right now.
   */
  public function isAnyDue(): bool {
    return (bool) $this->database->query('SELECT 1 FROM {' . self::TABLE . '} WHERE [next_attempt] <= :now AND [lease_until] <= :now LIMIT 1', [
      ':now' => $this->time->getCurrentTime(),
    ])->fetchField();
  }

  /**
   * Takes a row that is due, for this process alone.
   *
   * Only the newest row of a user is sent, so that what is older can never be
   * told after it: not even if the app had refused it, and it came back.
   *
   * @return \Drupal\entra_user_sync\Outbox\OutboxRow|null
   *   The row; NULL if there is a newer one, if another process has it, or if
   *   the process that had it died: then it waits like one that was refused.
   */
  public function take(object $due): ?OutboxRow {
    $now = $this->time->getCurrentTime();
    if ($due->lease !== '') {
      $this->countDeath($due);
      return NULL;
    }
    $rows = $this->rowsOf($due->uuid);
    $newest = array_pop($rows);
    foreach ($rows as $row) {
      if ($row->lease_until > $now) {
        // Another process is telling of the user right now.
        $this->wait($due, (int) $row->lease_until);
        return NULL;
      }
      $this->supersede($row, $newest);
    }
    if ($newest?->sequence !== $due->sequence) {
      return NULL;
    }
    $lease = $this->uuid->generate();
    // Whoever changes the row first has it.
    $taken = $this->database->update(self::TABLE)
      ->fields(['lease' => $lease, 'lease_until' => $now + self::LEASE, 'offered' => 1])
      ->condition('sequence', $due->sequence)
      ->condition('lease_until', $now, '<=')
      ->condition('next_attempt', $now, '<=')
      ->execute();
    if ($taken !== 1) {
      return NULL;
    }
    return new OutboxRow(
      uuid: $due->uuid,
      kind: ChangeKind::from($due->kind),
      sequence: (int) $due->sequence,
      messageId: $due->message_id,
      actor: $newest->actor,
      recorded: (int) $due->recorded,
      attempts: (int) $due->attempts,
      lease: $lease,
    );
  }

  /**
   * The app has it: the row goes, and a newer one of the user stays.
   */
  public function confirm(OutboxRow $row): void {
    $removed = $this->database->delete(self::TABLE)
      ->condition('sequence', $row->sequence)
      ->condition('lease', $row->lease)
      ->execute();
    if ($removed === 0) {
      $this->releaseNewer($row);
    }
  }

  /**
   * The app refused this content: it is tried again later, others go on.
   */
  public function postpone(OutboxRow $row, int $seconds): void {
    $this->update($row, [
      'attempts' => $row->attempts + 1,
      'next_attempt' => $this->time->getCurrentTime() + $seconds,
    ]);
  }

  /**
   * The app could not be asked: the row is as it was.
   */
  public function release(OutboxRow $row): void {
    $this->update($row, []);
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
   * carrying it out. Values are text, as numbers cost SQLite a search through
   * the statement.
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
    $this->database->query(self::INSERT, [
      ':uuid' => $uuid,
      ':kind' => $kind->value,
      // The webhook-id has to differ from that of any other content, even if
      // sequences begin anew: 128 random bits, written the cheapest way.
      ':message_id' => 'msg_' . bin2hex(random_bytes(16)),
      ':actor' => $actor,
      ':own' => $isOwn ? '1' : '0',
      ':recorded' => (string) $this->time->getCurrentTime(),
      ':offered' => (string) ($inherited['offered'] ?? 0),
      ':lease' => $inherited['lease'] ?? '',
      ':lease_until' => (string) ($inherited['lease_until'] ?? 0),
    ]);
  }

  /**
   * The rows of a user: one as a rule.
   *
   * @return object[]
   *   The rows, the oldest first.
   */
  private function rowsOf(string $uuid): array {
    return $this->database->query('SELECT * FROM {' . self::TABLE . '} WHERE [uuid] = :uuid ORDER BY [sequence]', [':uuid' => $uuid])->fetchAll();
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
    if (!$isAsRead) {
      // Someone has taken it since it was read, and the app may hear of the
      // user.
      $this->drop($pending);
      return ['offered' => 1];
    }
    return $pending->lease_until > $this->time->getCurrentTime()
      ? ['lease' => $pending->lease, 'lease_until' => $pending->lease_until]
      : [];
  }

  /**
   * Counts the end of a process that was sending a row as an attempt.
   *
   * It may be the row that ends them. If it were tried at once, it would end
   * this one, too, and each that comes after.
   */
  private function countDeath(object $row): void {
    $attempts = $row->attempts + 1;
    $this->database->update(self::TABLE)
      ->fields([
        'attempts' => $attempts,
        'next_attempt' => $this->time->getCurrentTime() + Backoff::seconds($attempts, mt_rand() / mt_getrandmax()),
        'lease' => '',
        'lease_until' => 0,
      ])
      ->condition('sequence', $row->sequence)
      ->condition('lease', $row->lease)
      ->execute();
  }

  /**
   * Removes a row because there is a newer one of the same user.
   */
  private function supersede(object $row, object $newest): void {
    // One change by a person makes the newest a person's; but what was offered
    // stays as it was, since its id stands for its content.
    if (!$row->own && $newest->own && !$newest->offered) {
      $newest->own = 0;
      $newest->actor = $row->actor;
      $this->database->update(self::TABLE)
        ->fields(['own' => 0, 'actor' => $row->actor])
        ->condition('sequence', $newest->sequence)
        ->execute();
    }
    $this->drop($row);
  }

  /**
   * Removes a row, by its primary key.
   */
  private function drop(object $row): void {
    $this->database->delete(self::TABLE)->condition('sequence', $row->sequence)->execute();
  }

  /**
   * Removes rows of a user of whom the app cannot have heard.
   *
   * @return bool
   *   FALSE if someone has begun to send one since they were read: then the app
   *   may hear of the user, and has to hear of the end, too.
   */
  private function dropUnheard(array $rows): bool {
    foreach ($rows as $row) {
      $removed = $this->database->delete(self::TABLE)
        ->condition('sequence', $row->sequence)
        ->condition('offered', 0)
        ->execute();
      if ($removed !== 1) {
        return FALSE;
      }
    }
    return TRUE;
  }

  /**
   * Lets a row wait for whoever tells of the same user right now.
   */
  private function wait(object $row, int $until): void {
    $this->database->update(self::TABLE)
      ->fields(['next_attempt' => $until])
      ->condition('sequence', $row->sequence)
      ->execute();
  }

  /**
   * Gives a row back, with changes.
   */
  private function update(OutboxRow $row, array $fields): void {
    $updated = $this->database->update(self::TABLE)
      ->fields($fields + ['lease' => '', 'lease_until' => 0])
      ->condition('sequence', $row->sequence)
      ->condition('lease', $row->lease)
      ->execute();
    if ($updated === 0) {
      $this->releaseNewer($row);
    }
  }

  /**
   * Frees the row that has taken the place of one that was being sent.
   *
   * Rows are looked for without a lock and changed by primary key: a change by
   * UUID would lock the gaps beside it in MySQL, and saves would wait. Between
   * the look and the change, one more save may take the place of that row, too,
   * and its lease; so it looks until there is none.
   */
  private function releaseNewer(OutboxRow $row): void {
    do {
      $isFound = FALSE;
      foreach ($this->rowsOf($row->uuid) as $newer) {
        if ($newer->lease === $row->lease) {
          $isFound = TRUE;
          $this->database->update(self::TABLE)
            ->fields(['lease' => '', 'lease_until' => 0])
            ->condition('sequence', $newer->sequence)
            ->condition('lease', $row->lease)
            ->execute();
        }
      }
    } while ($isFound);
  }

}
