<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Setup;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\Extension\ModuleHandlerInterface;
use Drupal\Core\Extension\ModuleInstallerInterface;
use Drupal\Core\Password\PasswordGeneratorInterface;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\user\UserInterface;

/**
 * Makes this site ready for the sync app: role, account, JSON:API.
 */
class SitePreparation {

  /**
   * Rights that the sync app needs, and no others.
   *
   * "administer users" reads and writes accounts whole. "delete own files" lets
   * the app remove pictures that it has uploaded itself and then replaced.
   */
  private const PERMISSIONS = ['administer users', 'delete own files'];

  public function __construct(
    private readonly EntityTypeManagerInterface $entityTypeManager,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly ModuleHandlerInterface $moduleHandler,
    private readonly ModuleInstallerInterface $moduleInstaller,
    private readonly PasswordGeneratorInterface $passwordGenerator,
    private readonly WebhookSecrets $secrets,
  ) {}

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
   * @throws \InvalidArgumentException
   *   If the account exists already with other roles than the sync's: it may be
   *   a person's.
   */
  public function prepare(string $baseUrl): array {
    $settings = $this->configFactory->get('entra_user_sync.settings');
    $name = $settings->get('account') ?: 'entra-user-sync';
    $role = $settings->get('role') ?: 'entra_user_sync';
    $account = $this->findAccount($name, $role);
    $this->openJsonApi();
    $this->makeRole($role);
    $password = $this->saveAccount($account, $name, $role);
    $this->configFactory->getEditable('entra_user_sync.settings')
      ->set('account', $name)
      ->set('role', $role)
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
   * The account, if there is one and it may be taken.
   */
  private function findAccount(string $name, string $role): ?UserInterface {
    $found = $this->entityTypeManager->getStorage('user')->loadByProperties(['name' => $name]);
    $account = reset($found);
    if (!$account instanceof UserInterface) {
      return NULL;
    }
    if ((int) $account->id() === 1 || array_diff($account->getRoles(TRUE), [$role]) !== []) {
      throw new \InvalidArgumentException("The account $name has other roles: it may be a person's.");
    }
    return $account;
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
    return $password;
  }

  /**
   * Makes a signing secret if there is none.
   *
   * @return array<string, string>
   *   The setting of the app; empty if a secret is set: that is not shown.
   */
  private function makeSecret(): array {
    if ($this->secrets->origin() !== 'nowhere') {
      return [];
    }
    $secret = WebhookSecrets::make();
    $this->secrets->type($secret);
    return ['WEBHOOK_SECRETS' => $secret];
  }

}
