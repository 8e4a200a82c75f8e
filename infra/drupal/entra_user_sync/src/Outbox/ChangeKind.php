<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

/**
 * What happened to a user.
 */
enum ChangeKind: string {

  case Created = 'created';
  case Updated = 'updated';
  case Deleted = 'deleted';

  /**
   * Joins this change with the one that still waits to be sent.
   *
   * @param self|null $pending
   *   The change that waits, or NULL if none does.
   * @param bool $isOffered
   *   Whether anyone has begun to send what waits. The app may then know of
   *   it, even if no answer came back.
   *
   * @return self|null
   *   What is to be told now, or NULL if there is nothing left to tell: a user
   *   who came and went before the app could hear of it.
   */
  public function after(?self $pending, bool $isOffered): ?self {
    return match (TRUE) {
      $pending === self::Created && $this === self::Deleted => $isOffered ? self::Deleted : NULL,
      $pending === self::Created => self::Created,
      default => $this,
    };
  }

}
