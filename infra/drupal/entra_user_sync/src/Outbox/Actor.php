<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\Session\AccountInterface;
use Drupal\Core\Session\AccountProxyInterface;
use Drupal\user\UserInterface;

/**
 * Who is making the change: the sync app, or someone else.
 */
class Actor {

  /**
   * The last account whose UUID was asked for, and that UUID.
   *
   * An import asks for the same one thousands of times. Only one is kept, as
   * an import may also switch to the author of each thing that it saves.
   *
   * @var array{int, string|null}
   */
  private array $known = [0, NULL];

  public function __construct(
    private readonly AccountProxyInterface $currentUser,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly EntityTypeManagerInterface $entityTypeManager,
  ) {}

  /**
   * Whether this account is the one that the sync app uses.
   *
   * A role is given by administrators only. A name is taken by whoever registers
   * first: where the settings name a role, it counts only with the right that
   * the app needs, which an account of the administrators' own may have by
   * another role. The right is asked for last, and of nobody else.
   */
  public function isSync(AccountInterface $account): bool {
    if ($account->isAnonymous()) {
      return FALSE;
    }
    $settings = $this->configFactory->get('entra_user_sync.settings');
    $role = (string) $settings->get('role');
    if ($role !== '' && in_array($role, $account->getRoles(TRUE), TRUE)) {
      return TRUE;
    }
    return self::isSameName((string) $settings->get('account'), $account->getAccountName())
      && ($role === '' || $account->hasPermission('administer users'));
  }

  /**
   * Whether the sync app is making the change.
   */
  public function isSyncNow(): bool {
    return $this->isSync($this->currentUser);
  }

  /**
   * UUID of the current account; NULL for nobody, as in cron.
   *
   * @param \Drupal\user\UserInterface|null $changed
   *   Who is being changed. Whoever deletes their own account cannot be loaded
   *   any more, and is the actor all the same.
   */
  public function uuid(?UserInterface $changed = NULL): ?string {
    $id = (int) $this->currentUser->id();
    if ($id !== 0 && $id === (int) $changed?->id()) {
      return $changed->uuid();
    }
    if ($id !== $this->known[0]) {
      $this->known = [$id, $this->entityTypeManager->getStorage('user')->load($id)?->uuid()];
    }
    return $this->known[1];
  }

  /**
   * Whether two names are one for Drupal, which knows no case in names.
   *
   * Each save asks. Folding the case of Unicode costs fifty times what a look
   * at the bytes does, and a name in ASCII, as the one in the settings should
   * be, does without it.
   */
  private static function isSameName(string $own, string $other): bool {
    if ($own === '') {
      return FALSE;
    }
    return strcasecmp($own, $other) === 0
      || (preg_match('/[\x80-\xff]/', $own) === 1 && mb_strtolower($own) === mb_strtolower($other));
  }

}
