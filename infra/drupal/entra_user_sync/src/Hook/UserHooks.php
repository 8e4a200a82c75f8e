<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Hook;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\Hook\Attribute\Hook;
use Drupal\entra_user_sync\Outbox\Actor;
use Drupal\entra_user_sync\Outbox\ChangeKind;
use Drupal\entra_user_sync\Outbox\Dispatcher;
use Drupal\entra_user_sync\Outbox\Outbox;
use Drupal\user\RoleInterface;
use Drupal\user\UserInterface;

/**
 * Notes every change to a user.
 */
class UserHooks {

  private const PAGE = 500;

  public function __construct(
    private readonly Outbox $outbox,
    private readonly Dispatcher $dispatcher,
    private readonly Actor $actor,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly Connection $database,
    private readonly EntityTypeManagerInterface $entityTypeManager,
  ) {}

  /**
   * Implements hook_ENTITY_TYPE_insert() for user entities.
   */
  #[Hook('user_insert')]
  public function userInsert(UserInterface $user): void {
    $this->record($user, ChangeKind::Created);
  }

  /**
   * Implements hook_ENTITY_TYPE_update() for user entities.
   *
   * A change of roles or of the picture is a save of the user, too.
   */
  #[Hook('user_update')]
  public function userUpdate(UserInterface $user): void {
    $this->record($user, ChangeKind::Updated);
  }

  /**
   * Implements hook_ENTITY_TYPE_delete() for user entities.
   */
  #[Hook('user_delete')]
  public function userDelete(UserInterface $user): void {
    $this->record($user, ChangeKind::Deleted);
  }

  /**
   * Implements hook_ENTITY_TYPE_predelete() for user_role entities.
   *
   * Core takes a deleted role from its users without saving them
   * (UserStorage::deleteRoleReferences()).
   */
  #[Hook('user_role_predelete')]
  public function userRolePredelete(RoleInterface $role): void {
    $isOwn = $this->actor->isSyncNow();
    if ($isOwn && $this->isSilent()) {
      return;
    }
    $storage = $this->entityTypeManager->getStorage('user');
    $last = 0;
    do {
      $ids = $storage->getQuery()->accessCheck(FALSE)
        ->condition('roles', $role->id())
        ->condition('uid', $last, '>')
        ->sort('uid')
        ->range(0, self::PAGE)
        ->execute();
      // Users are not loaded: there may be very many.
      $uuids = $ids === [] ? [] : $this->database->select('users', 'u')
        ->fields('u', ['uuid'])
        ->condition('uid', array_values($ids), 'IN')
        ->execute()
        ->fetchCol();
      foreach ($uuids as $uuid) {
        $this->outbox->record($uuid, ChangeKind::Updated, $this->actor->uuid(), $isOwn);
        $this->dispatcher->wake();
      }
      $last = $ids === [] ? 0 : (int) end($ids);
    } while (count($ids) === self::PAGE);
  }

  /**
   * Notes the change, unless it is of no interest to the app.
   *
   * The first account (uid 1) is noted like any other: whom to leave alone is
   * decided in one place, by the app, which does protect it.
   */
  private function record(UserInterface $user, ChangeKind $kind): void {
    // Nobody (uid 0), and the account that the app itself uses.
    if ($user->isAnonymous() || $this->actor->isSync($user)) {
      return;
    }
    $isOwn = $this->actor->isSyncNow();
    if ($isOwn && $this->isSilent()) {
      return;
    }
    $this->outbox->record($user->uuid(), $kind, $this->actor->uuid(), $isOwn);
    $this->dispatcher->wake();
  }

  /**
   * Whether the app wants no echo of its own changes.
   */
  private function isSilent(): bool {
    return !$this->configFactory->get('entra_user_sync.settings')->get('send_own_changes');
  }

}
