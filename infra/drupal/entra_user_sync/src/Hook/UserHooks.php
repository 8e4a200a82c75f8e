<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Hook;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\Database\Query\SelectInterface;
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

  /**
   * Tokens of the rows that wait until core has deleted a role, by its id.
   *
   * @var array<string, string>
   */
  private array $held = [];

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
   * (UserStorage::deleteRoleReferences()). Who they are can only be seen
   * before; but what they are must not be read before, so they are held back.
   */
  #[Hook('user_role_predelete')]
  public function userRolePredelete(RoleInterface $role): void {
    $isOwn = $this->actor->isSyncNow();
    if ($isOwn && $this->isSilent()) {
      return;
    }
    $this->held[$role->id()] = $this->outbox->hold($this->usersOf($role->id()), $this->actor->uuid(), $isOwn);
  }

  /**
   * Implements hook_ENTITY_TYPE_delete() for user_role entities.
   *
   * Runs after the User module's own hook, which takes the role from its users:
   * this module has a greater weight (entra_user_sync_install()).
   */
  #[Hook('user_role_delete')]
  public function userRoleDelete(RoleInterface $role): void {
    $token = $this->held[$role->id()] ?? NULL;
    unset($this->held[$role->id()]);
    if ($token !== NULL && $this->outbox->free($token)) {
      $this->dispatcher->wake();
    }
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
    $this->outbox->record($user->uuid(), $kind, $this->actor->uuid($user), $isOwn);
    $this->dispatcher->wake();
  }

  /**
   * Selects who will change when a role is deleted: uid and uuid.
   *
   * By the tables that core writes to then. Leaves out nobody (uid 0) and the
   * account of the app, as it will be without the role.
   */
  private function usersOf(string $role): SelectInterface {
    $having = fn (string $role): SelectInterface => $this->database->select('user__roles', 'r')
      ->fields('r', ['entity_id'])
      ->condition('roles_target_id', $role);
    $users = $this->database->select('users', 'u')
      ->fields('u', ['uid', 'uuid'])
      ->condition('uid', 0, '>')
      ->condition('uid', $having($role), 'IN');
    $settings = $this->configFactory->get('entra_user_sync.settings');
    $ownRole = (string) $settings->get('role');
    if ($ownRole !== '' && $ownRole !== $role) {
      $users->condition('uid', $having($ownRole), 'NOT IN');
    }
    $named = $this->namedAppWithout((string) $settings->get('account'), $role);
    if ($named !== NULL) {
      $users->condition('uid', $named, '<>');
    }
    return $users;
  }

  /**
   * The uid of who is the app by its name, also without that role.
   */
  private function namedAppWithout(string $name, string $role): ?int {
    $found = $name === '' ? [] : $this->entityTypeManager->getStorage('user')->loadByProperties(['name' => $name]);
    $account = reset($found);
    if (!$account instanceof UserInterface) {
      return NULL;
    }
    // A copy, as the storage gives this object to others, too.
    $later = clone $account;
    $later->removeRole($role);
    return $this->actor->isSync($later) ? (int) $account->id() : NULL;
  }

  /**
   * Whether the app wants no echo of its own changes.
   */
  private function isSilent(): bool {
    return !$this->configFactory->get('entra_user_sync.settings')->get('send_own_changes');
  }

}
