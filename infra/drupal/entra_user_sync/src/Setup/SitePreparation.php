<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Setup;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\Extension\ModuleHandlerInterface;
use Drupal\Core\Extension\ModuleInstallerInterface;
use Drupal\Core\KeyValueStore\KeyValueFactoryInterface;
use Drupal\Core\Password\PasswordGeneratorInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\user\RoleInterface;
use Drupal\user\UserInterface;
use Symfony\Component\DependencyInjection\Attribute\Autowire;

/**
 * Makes this site ready for the sync app: role, account, JSON:API.
 */
class SitePreparation {

  use StringTranslationTrait;

  /**
   * Rights that the sync app needs, and no others.
   *
   * "administer users" reads and writes accounts whole. "delete own files" lets
   * the app remove pictures that it has uploaded itself and then replaced.
   */
  public const PERMISSIONS = ['administer users', 'delete own files'];

  /**
   * Where the UUID of the account is remembered that was made here.
   *
   * Not configuration: that travels to sites where the account is another's.
   */
  private const COLLECTION = 'entra_user_sync';
  private const MADE = 'account';

  public function __construct(
    private readonly EntityTypeManagerInterface $entityTypeManager,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly ModuleHandlerInterface $moduleHandler,
    private readonly ModuleInstallerInterface $moduleInstaller,
    private readonly PasswordGeneratorInterface $passwordGenerator,
    private readonly WebhookSecrets $secrets,
    #[Autowire(service: 'keyvalue')]
    private readonly KeyValueFactoryInterface $keyValueFactory,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * Why the site cannot be prepared; NULL if it can.
   *
   * The role may do everything with every account. It goes to an account that
   * was made here, or that has the role and its right already, and to no other:
   * on an open site anyone may register under the chosen name first, and a role
   * without rights may be anyone's.
   */
  public function refusal(): ?TranslatableMarkup {
    [$name, $roleId] = $this->names();
    $account = $this->findAccount($name);
    return $this->roleRefusal($roleId, $account)
      ?? ($account === NULL ? NULL : $this->accountRefusal($account, $roleId));
  }

  /**
   * Prepares the site. Repeating it gives the account a new password.
   *
   * @param string $baseUrl
   *   The address of this site, as the sync app reaches it.
   *
   * @return array<string, string>
   *   The settings of the app by name, the password among them. They are shown
   *   once and kept nowhere.
   *
   * @throws \Drupal\entra_user_sync\Setup\SetupRefused
   *   If account or role may be someone else's, or if the address is none.
   *   Nothing is changed then.
   */
  public function prepare(string $baseUrl): array {
    // The host that drush goes by where it is told of none.
    if (parse_url($baseUrl, PHP_URL_HOST) === 'default') {
      throw new SetupRefused($this->t('The address of this site is not known here. Give it: drush entra-user-sync:setup --uri=https://www.example.com'));
    }
    $refusal = $this->refusal();
    if ($refusal !== NULL) {
      throw new SetupRefused($refusal);
    }
    [$name, $roleId] = $this->names();
    $this->openJsonApi();
    $this->makeRole($roleId);
    $password = $this->saveAccount($this->findAccount($name), $name, $roleId);
    $this->configFactory->getEditable('entra_user_sync.settings')
      ->set('account', $name)
      ->set('role', $roleId)
      ->save();
    return [
      'DRUPAL_BASE_URL' => rtrim($baseUrl, '/'),
      'DRUPAL_AUTH' => 'basic',
      'DRUPAL_USERNAME' => $name,
      'DRUPAL_PASSWORD' => $password,
      'WEBHOOK_FORMATS' => 'standard',
    ] + $this->makeSecret();
  }

  /**
   * The address of this site, as it is asked for now.
   *
   * Not that of the front page, which may begin with the prefix of a language:
   * JSON:API is then asked for in that language, and answers with its values.
   */
  public static function siteUrl(): string {
    return Url::fromUri('base:/', ['absolute' => TRUE])->toString();
  }

  /**
   * Takes its rights from the account that was made here: for uninstalling.
   *
   * It is not deleted: it owns the pictures that the app has uploaded.
   *
   * @return \Drupal\Core\StringTranslation\TranslatableMarkup[]
   *   What stays on the site, and what can be done about it.
   */
  public function takeDown(): array {
    [$name, $roleId] = $this->names();
    $made = $this->keyValueFactory->get(self::COLLECTION)->get(self::MADE);
    $found = $made === NULL ? [] : $this->entityTypeManager->getStorage('user')->loadByProperties(['uuid' => $made]);
    $account = reset($found) ?: $this->findAccount($name);
    if (!$account instanceof UserInterface) {
      return [];
    }
    if ($this->accountRefusal($account, $roleId) !== NULL) {
      // A stranger who has the name is none of the app's.
      return $account->isBlocked() || !($this->isOurs($account) || $account->hasRole($roleId)) ? [] : [
        $this->t('The account "@name" (uid @uid) of the sync app stays as it is: active, and with the rights that its other roles give. It may be a person’s, as it has other roles than "@role", or was not made here. If nobody needs it, block it at People.', [
          '@name' => $account->getAccountName(),
          '@uid' => $account->id(),
          '@role' => $roleId,
        ]),
      ];
    }
    $account->removeRole($roleId);
    $account->block();
    $account->save();
    return [
      $this->t('The account "@name" (uid @uid) of the sync app is blocked, and has no rights any more. It was not deleted, as it owns the pictures that the app uploaded. If you do not want it, delete it at People; before this module is installed and set up again, delete or rename it.', [
        '@name' => $account->getAccountName(),
        '@uid' => $account->id(),
      ]),
      $this->t('JSON:API and HTTP Basic Authentication stay as they are, as others may use them. If nobody does, set JSON:API to read-only and turn off what you do not need.'),
    ];
  }

  /**
   * The names of account and role.
   *
   * @return array{string, string}
   *   The name of the account, and the id of the role.
   */
  private function names(): array {
    $settings = $this->configFactory->get('entra_user_sync.settings');
    return [
      $settings->get('account') ?: 'entra-user-sync',
      $settings->get('role') ?: 'entra_user_sync',
    ];
  }

  /**
   * The account of that name, if there is one.
   */
  private function findAccount(string $name): ?UserInterface {
    $found = $this->entityTypeManager->getStorage('user')->loadByProperties(['name' => $name]);
    $account = reset($found);
    return $account instanceof UserInterface ? $account : NULL;
  }

  /**
   * Why the account is not taken; NULL if it is.
   */
  private function accountRefusal(UserInterface $account, string $roleId): ?TranslatableMarkup {
    $arguments = [
      '@name' => $account->getAccountName(),
      '@uid' => $account->id(),
      '@role' => $roleId,
    ];
    if ((int) $account->id() === 1 || array_diff($account->getRoles(TRUE), [$roleId]) !== []) {
      return $this->t('The account "@name" (uid @uid) is the first one of the site, or has other roles than "@role": it may be a person’s. Choose another user name for the sync app in the settings.', $arguments);
    }
    $gainsNothing = $account->hasRole($roleId) && $account->hasPermission('administer users');
    return $this->isOurs($account) || $gainsNothing ? NULL : $this->t('The account "@name" (uid @uid) exists, and was not made here: whoever registered under that name would get the right to administer all users. If it is left from an earlier installation of this module, or nobody’s, delete or rename it at People, then try again. If it is a person’s, choose another user name for the sync app in the settings.', $arguments);
  }

  /**
   * Whether the account was made here.
   */
  private function isOurs(UserInterface $account): bool {
    return $account->uuid() === $this->keyValueFactory->get(self::COLLECTION)->get(self::MADE);
  }

  /**
   * Why the role is not taken; NULL if it is.
   */
  private function roleRefusal(string $id, ?UserInterface $account): ?TranslatableMarkup {
    $role = $this->entityTypeManager->getStorage('user_role')->load($id);
    if (!$role instanceof RoleInterface) {
      return NULL;
    }
    $others = array_diff($role->getPermissions(), self::PERMISSIONS);
    $ofEveryone = [RoleInterface::ANONYMOUS_ID, RoleInterface::AUTHENTICATED_ID];
    if ($role->isAdmin() || $others !== [] || in_array($id, $ofEveryone, TRUE)) {
      return $this->t('The role "@role" exists, and is not the sync app’s alone: it has more rights than the app needs. Choose another role in the settings, one that does not exist yet.', ['@role' => $id]);
    }
    $members = $this->otherMembers($id, $account);
    return $members === [] ? NULL : $this->t('The role "@role" exists, and others have it: @names. They would get the right to administer all users. Take it from them at People, or choose another role in the settings, one that does not exist yet.', [
      '@role' => $id,
      '@names' => implode(', ', $members),
    ]);
  }

  /**
   * Names of those who have the role beside that account, five at most.
   *
   * @return string[]
   *   The names.
   */
  public function otherMembers(string $roleId, ?UserInterface $account): array {
    $storage = $this->entityTypeManager->getStorage('user');
    $uids = $storage->getQuery()->accessCheck(FALSE)
      ->condition('roles', $roleId)
      ->condition('uid', (int) $account?->id(), '<>')
      ->sort('uid')
      ->range(0, 5)
      ->execute();
    return array_values(array_map(fn (UserInterface $user): string => $user->getAccountName(), $storage->loadMultiple($uids)));
  }

  /**
   * Lets JSON:API write, with a user name and a password.
   */
  private function openJsonApi(): void {
    $missing = array_filter(['jsonapi', 'basic_auth'], fn (string $module): bool => !$this->moduleHandler->moduleExists($module));
    if ($missing !== []) {
      $this->moduleInstaller->install(array_values($missing));
    }
    $this->configFactory->getEditable('jsonapi.settings')->set('read_only', FALSE)->save();
  }

  /**
   * Makes the role, or gives it the rights that it lacks.
   */
  private function makeRole(string $id): void {
    $storage = $this->entityTypeManager->getStorage('user_role');
    /** @var \Drupal\user\RoleInterface $role */
    $role = $storage->load($id) ?? $storage->create([
      'id' => $id,
      'label' => 'Entra user sync',
      // Goes with the module.
      'dependencies' => ['enforced' => ['module' => ['entra_user_sync']]],
    ]);
    foreach (self::PERMISSIONS as $permission) {
      // "delete own files" comes with the File module.
      if ($permission !== 'delete own files' || $this->moduleHandler->moduleExists('file')) {
        $role->grantPermission($permission);
      }
    }
    $role->save();
  }

  /**
   * Makes the account, or gives it a new password.
   *
   * @return string
   *   The password.
   */
  private function saveAccount(?UserInterface $account, string $name, string $role): string {
    /** @var \Drupal\user\UserInterface $account */
    $account ??= $this->entityTypeManager->getStorage('user')->create(['name' => $name]);
    $password = $this->passwordGenerator->generate(32);
    $account->setPassword($password);
    $account->activate();
    $account->addRole($role);
    $account->save();
    $this->keyValueFactory->get(self::COLLECTION)->set(self::MADE, $account->uuid());
    return $password;
  }

  /**
   * Makes a signing secret if there is none.
   *
   * @return array<string, string>
   *   The setting of the app; empty if a secret is set: that is not shown.
   */
  private function makeSecret(): array {
    if ($this->secrets->listed() !== []) {
      return [];
    }
    $secret = WebhookSecrets::make();
    $this->secrets->type($secret);
    return ['WEBHOOK_SECRETS' => $secret];
  }

}
