<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Setup\SetupRefused;
use Drupal\entra_user_sync\Setup\SiteCheck;
use Drupal\entra_user_sync\Setup\SitePreparation;
use Drupal\key\KeyRepositoryInterface;
use Drupal\language\Entity\ConfigurableLanguage;
use Drupal\user\Entity\Role;
use Drupal\user\Entity\User;

/**
 * Tests setting up and taking down.
 *
 * @group entra_user_sync
 */
class SetupTest extends OutboxKernelTestBase {

  use PageTrait;

  /**
   * {@inheritdoc}
   */
  protected static $modules = ['basic_auth', 'field', 'file', 'jsonapi', 'serialization'];

  /**
   * {@inheritdoc}
   */
  protected function setUp(): void {
    parent::setUp();
    $this->installEntitySchema('file');
    $this->installConfig(['jsonapi', 'system']);
  }

  /**
   * The role has the rights that the app needs, and no others.
   */
  public function testMakesRoleAndAccount(): void {
    $this->assertArrayHasKey('jsonapi', $this->container->get(SiteCheck::class)->findings());
    $settings = $this->container->get(SitePreparation::class)->prepare('https://site.example/');
    $role = Role::load('entra_user_sync');
    $this->assertSame(['administer users', 'delete own files'], $role->getPermissions());
    $account = user_load_by_name('entra-user-sync');
    $this->assertInstanceOf(User::class, $account);
    $this->assertTrue($account->isActive());
    $this->assertSame(['entra_user_sync'], $account->getRoles(TRUE));
    $this->assertTrue($this->container->get('password')->check($settings['DRUPAL_PASSWORD'], $account->getPassword()));
    $this->assertSame('https://site.example', $settings['DRUPAL_BASE_URL']);
    $this->assertArrayNotHasKey('WEBHOOK_SECRETS', $settings, 'A secret that is set is not shown.');
    $this->assertFalse($this->config('jsonapi.settings')->get('read_only'));
    $this->assertArrayNotHasKey('jsonapi', $this->container->get(SiteCheck::class)->findings());
    $this->assertSame([], $this->rows(), 'The account of the app is of no interest to the app.');
  }

  /**
   * Whoever has the name already gets neither the role nor a new password.
   *
   * @dataProvider squatters
   */
  public function testLeavesAccountsOfOthersAlone(array $roles, string $words, string $chosen = 'entra_user_sync'): void {
    // Takes uid 1.
    $this->newUser('root');
    $this->config('entra_user_sync.settings')->set('role', $chosen)->save();
    Role::create(['id' => 'editor', 'label' => 'Editor'])->save();
    Role::create(['id' => 'newsletter', 'label' => 'Newsletter'])->save();
    $person = $this->newUser('entra-user-sync');
    foreach ($roles as $role) {
      $person->addRole($role);
    }
    $person->setPassword('their own')->save();
    $before = $person->getPassword();
    $this->assertRefused($words);
    $person = User::load($person->id());
    $this->assertSame($roles, $person->getRoles(TRUE));
    $this->assertSame($before, $person->getPassword());
    $this->assertFalse($person->hasPermission('administer users'));
    $this->assertNull(Role::load('entra_user_sync'));
    $this->assertTrue($this->config('jsonapi.settings')->get('read_only'), 'Nothing else was done either.');
  }

  /**
   * Roles of who has the name, and what is said.
   */
  public static function squatters(): array {
    return [
      'registered under the name' => [[], 'exists, and was not made here'],
      'a person with a role' => [['editor'], 'has other roles'],
      'a person who alone has a role without rights' => [['newsletter'], 'exists, and was not made here', 'newsletter'],
    ];
  }

  /**
   * What set-up made itself is used again, with a new password.
   */
  public function testRepeatsItself(): void {
    $this->newUser('root');
    $preparation = $this->container->get(SitePreparation::class);
    $first = $preparation->prepare('https://site.example');
    // The memory suffices, and so does the role.
    user_load_by_name('entra-user-sync')->removeRole('entra_user_sync')->save();
    $second = $preparation->prepare('https://site.example');
    $this->assertNotSame($first['DRUPAL_PASSWORD'], $second['DRUPAL_PASSWORD']);
    $this->container->get('keyvalue')->get('entra_user_sync')->delete('account');
    $preparation->prepare('https://site.example');
    $this->assertSame(['entra_user_sync'], user_load_by_name('entra-user-sync')->getRoles(TRUE));
  }

  /**
   * A role of others gets no rights.
   */
  public function testLeavesRolesOfOthersAlone(): void {
    $this->newUser('root');
    $role = Role::create(['id' => 'entra_user_sync', 'label' => 'Someone’s', 'permissions' => ['access content']]);
    $role->save();
    $this->assertRefused('more rights than the app needs');
    $role->revokePermission('access content')->save();
    $member = $this->newUser('mallory');
    $member->addRole('entra_user_sync')->save();
    $this->assertRefused('others have it: mallory');
    $this->assertSame([], Role::load('entra_user_sync')->getPermissions());
    $this->assertFalse(user_load_by_name('entra-user-sync'));
    $member->removeRole('entra_user_sync')->save();
    $role->setIsAdmin(TRUE)->save();
    $this->assertRefused('more rights than the app needs');
    $this->config('entra_user_sync.settings')->set('role', 'authenticated')->save();
    Role::create(['id' => 'authenticated', 'label' => 'Everyone'])->save();
    $this->assertRefused('more rights than the app needs');
  }

  /**
   * Setting up is refused in these words.
   */
  private function assertRefused(string $words, string $url = 'https://site.example'): void {
    try {
      $this->container->get(SitePreparation::class)->prepare($url);
    }
    catch (SetupRefused $refused) {
      $this->assertStringContainsString($words, $refused->getMessage());
      return;
    }
    $this->fail('It was not refused.');
  }

  /**
   * Drush does not know where the site is, unless it is told.
   */
  public function testRefusesAddressThatDrushMakesUp(): void {
    $this->assertRefused('--uri', 'http://default/');
    $this->assertFalse(user_load_by_name('entra-user-sync'));
  }

  /**
   * The app gets the address of the site, not that of a language of it.
   */
  public function testGivesAddressWithoutLanguage(): void {
    $this->container->get('module_installer')->install(['language']);
    ConfigurableLanguage::createFromLangcode('fi')->save();
    $this->config('language.negotiation')->set('url.prefixes', ['en' => 'en', 'fi' => 'fi'])->save();
    $this->container->get('kernel')->rebuildContainer();
    $this->container = \Drupal::getContainer();
    $this->setCurrentUser($this->createUser(['administer entra user sync', 'administer permissions', 'administer users']));
    $path = '/en/admin/config/people/entra-user-sync/setup';
    $page = (string) $this->pressOn($path, 'Prepare this site', ['confirm' => '1'])->getContent();
    $this->assertStringContainsString("DRUPAL_BASE_URL=http://localhost\n", $page);
  }

  /**
   * The password and the secret are on one page, once, and nowhere else.
   */
  public function testShowsPasswordOnceAndKeepsItNowhere(): void {
    $this->container->get(WebhookSecrets::class)->forgetTyped();
    $this->container->get('module_installer')->install(['dblog', 'page_cache', 'dynamic_page_cache']);
    $this->container = \Drupal::getContainer();
    $this->setCurrentUser($this->createUser([
      'administer entra user sync',
      'administer permissions',
      'administer users',
      'administer site configuration',
    ]));
    $page = $this->pressOn('/admin/config/people/entra-user-sync/setup', 'Prepare this site', ['confirm' => '1']);
    $this->assertStringContainsString('no-store', (string) $page->headers->get('Cache-Control'));
    $this->assertStringContainsString('drush cex', (string) $page->getContent());
    foreach (['DRUPAL_PASSWORD', 'WEBHOOK_SECRETS'] as $name) {
      $this->assertSame(1, preg_match("/$name=(\S+)/", html_entity_decode((string) $page->getContent()), $found));
      $stored = $this->stored();
      $this->assertStringContainsString('entra-user-sync', $stored, 'The dump is one.');
      // In tests, the place where typed secrets belong is not in the database.
      $this->assertStringNotContainsString($found[1], $stored);
      $this->assertStringNotContainsString($found[1], (string) $this->visit('/admin/config/people/entra-user-sync/setup')->getContent());
      $this->assertStringNotContainsString($found[1], (string) $this->visit('/admin/config/people/entra-user-sync')->getContent());
    }
    $this->assertSame([], $this->container->get('messenger')->all());
    $this->assertSame([], $this->container->get('keyvalue.expirable')->get('form')->getAll());
  }

  /**
   * The secret is in no configuration, and all sign while one is replaced.
   */
  public function testKeepsTypedSecretsOutOfConfiguration(): void {
    $secrets = $this->container->get(WebhookSecrets::class);
    $first = base64_decode('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    $secrets->type('the-second-secret-long-enough');
    $secrets->type('the-third-secret-is-long-enough');
    $this->assertSame(['the-third-secret-is-long-enough', 'the-second-secret-long-enough', $first], $secrets->keys());
    $exported = json_encode($this->container->get('config.storage')->readMultiple($this->container->get('config.storage')->listAll()));
    $this->assertStringNotContainsString('second-secret', $exported);
    $listed = $secrets->listed();
    $this->assertStringNotContainsString('secret-', json_encode($listed));
    $secrets->remove($listed[1]['id']);
    $this->assertSame(['the-third-secret-is-long-enough', $first], $secrets->keys());
  }

  /**
   * Wherever they come from, all sign, and it is told which do not and why.
   */
  public function testSignsWithSecretsOfAllPlaces(): void {
    $this->setSetting('entra_user_sync.secrets', 'whsec_c2hvcnQ=,and-a-secret-of-enough-bytes whsec_~');
    putenv('ENTRA_USER_SYNC_SECRETS=of-the-environment-long-enough and-a-secret-of-enough-bytes');
    try {
      $secrets = $this->container->get(WebhookSecrets::class);
      $typed = base64_decode('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
      $this->assertSame(['and-a-secret-of-enough-bytes', 'of-the-environment-long-enough', $typed], $secrets->keys());
      $this->assertSame([
        'settings too_short',
        'settings signs',
        'settings not_base64',
        'environment signs',
        'environment twice',
        'typed signs',
      ], array_map(fn (array $each): string => "$each[origin] $each[state]", $secrets->listed()));
      $this->newUser('ada');
      $this->answers(202);
      $this->endRequest();
      $this->assertCount(3, explode(' ', $this->received[0]['request']->getHeaderLine('webhook-signature')));
    }
    finally {
      putenv('ENTRA_USER_SYNC_SECRETS');
    }
  }

  /**
   * A key signs where the Key module is; where it gives none, that is said.
   */
  public function testSignsWithKeyOfKeyModule(): void {
    $this->container->get(WebhookSecrets::class)->forgetTyped();
    $this->config('entra_user_sync.settings')->set('key', 'sync')->save();
    $this->assertKeyFault('no_module', 'is off');
    $this->provideKey(NULL);
    $this->assertKeyFault('deleted', 'not there any more');
    $this->provideKey(fn () => throw new \RuntimeException('The vault is away.'));
    $this->assertKeyFault('failing', 'cannot be read now');
    $this->provideKey(fn () => " \n");
    $this->assertKeyFault('empty', 'is empty');
    $this->provideKey(fn () => "a-key-of-enough-bytes-for-it\n");
    $secrets = $this->container->get(WebhookSecrets::class);
    $this->assertSame(['a-key-of-enough-bytes-for-it'], $secrets->keys());
    $this->assertSame('key', $secrets->listed()[0]['origin']);
    $this->assertArrayNotHasKey('key', $this->container->get(SiteCheck::class)->findings());
  }

  /**
   * The Key module has one key, or none.
   */
  private function provideKey(?\Closure $value): void {
    require_once __DIR__ . '/../../fixtures/KeyRepositoryInterface.php';
    $key = $value === NULL ? NULL : new class($value) {

      public function __construct(private readonly \Closure $value) {}

      /**
       * What the key holds.
       */
      public function getKeyValue(): mixed {
        return ($this->value)();
      }

    };
    $repository = $this->createMock(KeyRepositoryInterface::class);
    $repository->method('getKey')->with('sync')->willReturn($key);
    $this->container->set(SiteCheck::class, NULL);
    $this->container->set(WebhookSecrets::class, new WebhookSecrets(
      $this->container->get('settings'),
      $this->container->get('config.factory'),
      $this->container->get('keyvalue'),
      $this->container->get('datetime.time'),
      $this->container->get('uuid'),
      $repository,
    ));
  }

  /**
   * No key signs, and the status report says why.
   */
  private function assertKeyFault(string $fault, string $words): void {
    $this->assertSame($fault, $this->container->get(WebhookSecrets::class)->keyFault());
    $this->assertSame([], $this->container->get(WebhookSecrets::class)->keys());
    $this->assertStringContainsString($words, (string) $this->container->get(SiteCheck::class)->findings()['key']['value']);
  }

  /**
   * The app refuses more signatures than five.
   */
  public function testSignsNoMoreThanTheAppTakes(): void {
    $secrets = $this->container->get(WebhookSecrets::class);
    for ($i = 0; $i < 6; $i++) {
      $secrets->type("a-secret-of-enough-bytes-$i");
    }
    $this->assertCount(5, $secrets->keys());
    $this->assertSame(['too_many', 'too_many'], array_column(array_slice($secrets->listed(), 5), 'state'));
  }

  /**
   * What an earlier release kept still signs, and can be removed.
   */
  public function testReadsTypedSecretsOfEarlierReleases(): void {
    $this->container->get('keyvalue')->get('entra_user_sync')->set('secrets', ['an-old-secret-of-enough-bytes']);
    $secrets = $this->container->get(WebhookSecrets::class);
    $this->assertSame(['an-old-secret-of-enough-bytes'], $secrets->keys());
    $secrets->remove($secrets->listed()[0]['id']);
    $this->assertSame([], $secrets->keys());
  }

  /**
   * A site that is well has nothing to mend; what is not, is named.
   */
  public function testTellsWhatIsMisconfigured(): void {
    $this->newUser('root');
    $this->container->get('state')->set('system.cron_last', time() - 60);
    $this->container->get(SitePreparation::class)->prepare('https://site.example');
    $this->assertSame(['outbox', 'secret'], array_keys($this->container->get(SiteCheck::class)->findings()));

    $account = user_load_by_name('entra-user-sync');
    Role::load('entra_user_sync')->revokePermission('administer users')->save();
    $this->assertFinding('account', 'error', 'lacks: administer users');
    Role::load('entra_user_sync')->grantPermission('administer users')->save();
    $member = $this->newUser('mallory');
    $member->addRole('entra_user_sync')->save();
    $this->assertFinding('account', 'warning', 'what they change is not sent: mallory');
    $member->delete();
    Role::create(['id' => 'service', 'label' => 'Service', 'permissions' => SitePreparation::PERMISSIONS])->save();
    $account->addRole('service')->removeRole('entra_user_sync')->save();
    $this->assertFinding('account', 'error', 'does not have it');
    $account->addRole('entra_user_sync')->save();
    $account->block()->save();
    $this->assertFinding('account', 'error', 'cannot sign in');
    $account->delete();
    $this->assertFinding('account', 'error', 'no such account');
    User::create(['uid' => 0, 'name' => '', 'status' => 0])->save();
    $this->config('entra_user_sync.settings')->set('account', '')->save();
    $this->assertFinding('account', 'error', 'Not set');

    $this->container->get('state')->set('system.cron_last', time() - 90000);
    $this->assertFinding('cron', 'warning', 'Last ran 1 day 1 hour ago');
    $this->container->get('state')->delete('system.cron_last');
    $this->assertFinding('cron', 'warning', 'Has never run');

    $settings = $this->config('entra_user_sync.settings');
    $settings->set('address', 'http://127.0.0.1:7071')->save();
    $this->assertFinding('address', 'info', 'On this machine');
    $settings->set('address', 'http://127.0.0.1.example')->save();
    $this->assertFinding('address', 'error', 'Not encrypted');
    $settings->set('address', '')->save();
    $this->assertFinding('address', 'error', 'Not set');

    $this->config('jsonapi.settings')->set('read_only', TRUE)->save();
    $this->assertFinding('jsonapi', 'error', 'is read-only');
    $this->container->get(WebhookSecrets::class)->forgetTyped();
    $this->assertFinding('secret', 'error', 'Not set');
    $this->container->get(WebhookSecrets::class)->type('too-short');
    $this->assertFinding('secret', 'error', 'at least 24 bytes');
  }

  /**
   * Without Basic authentication and Simple OAuth nobody signs in.
   */
  public function testTellsThatNobodyCanSignIn(): void {
    $this->config('jsonapi.settings')->set('read_only', FALSE)->save();
    $this->container->get('module_installer')->uninstall(['basic_auth']);
    $this->container = \Drupal::getContainer();
    $this->assertFinding('jsonapi', 'error', 'No way to sign in');
  }

  /**
   * How much waits, since when, and why nothing is sent.
   */
  public function testTellsHowSendingGoes(): void {
    $this->newUser('ada');
    $this->container->get('database')->update('entra_user_sync_outbox')->fields(['recorded' => time() - 7300])->execute();
    $this->assertFinding('outbox', 'warning', 'has waited for 2 hours');
    $this->assertFinding('outbox', 'warning', '1 user waits');
    $this->container->get('database')->update('entra_user_sync_outbox')->fields(['attempts' => 1])->execute();
    $this->assertFinding('outbox', 'warning', '1 change failed: the app refused it, or the process that sent it ended.');
    $this->container->get(DeliveryState::class)->pauseFor('person');
    $this->assertFinding('outbox', 'error', 'somebody pressed "Pause sending"');
    // The first cause stands, until someone resumes.
    $this->container->get(DeliveryState::class)->resume();
    $this->container->get(DeliveryState::class)->pauseFor('unauthorized');
    $this->assertFinding('outbox', 'error', 'does not know this signature');
    $this->container->get(DeliveryState::class)->resume();
    $this->answers(202);
    $this->dispatcher()->send(10, 10);
    $this->assertFinding('outbox', 'ok', 'Last success: ');
  }

  /**
   * The status report says so.
   */
  private function assertFinding(string $id, string $severity, string $words): void {
    $finding = $this->container->get(SiteCheck::class)->findings()[$id] ?? NULL;
    $this->assertNotNull($finding, "There is no finding on $id.");
    $this->assertSame($severity, $finding['severity']);
    $details = $finding['description'];
    $said = [$finding['value'], ...(is_array($details) ? $details['#items'] : [$details])];
    $this->assertStringContainsString($words, html_entity_decode(implode(' ', array_map(strval(...), $said))));
  }

  /**
   * Uninstalling leaves nothing: no table, State, secret, role, configuration.
   */
  public function testLeavesNothingBehind(): void {
    $this->newUser('root');
    $this->container->get('database')->truncate('entra_user_sync_outbox')->execute();
    $this->container->get(SitePreparation::class)->prepare('https://site.example');
    $this->newUser('ada');
    $this->container->get(DeliveryState::class)->pauseFor('person');
    $this->container->get('module_installer')->uninstall(['entra_user_sync']);
    $this->container = \Drupal::getContainer();
    $schema = $this->container->get('database')->schema();
    $this->assertFalse($schema->tableExists('entra_user_sync_outbox'));
    $this->assertSame([], $this->container->get('config.storage')->listAll('entra_user_sync'));
    $this->assertNull($this->container->get('state')->get('entra_user_sync.paused'));
    $this->assertSame([], $this->container->get('keyvalue')->get('entra_user_sync')->getAll());
    $this->assertNull(Role::load('entra_user_sync'));
    $warnings = array_map(strval(...), $this->container->get('messenger')->messagesByType('warning'));
    $this->assertStringContainsString('1 user was discarded', $warnings[0]);
    $this->assertStringContainsString('"entra-user-sync" (uid 2) of the sync app is blocked', html_entity_decode($warnings[1]));
    $account = user_load_by_name('entra-user-sync');
    $this->assertTrue($account->isBlocked());
    $this->assertSame([], $account->getRoles(TRUE));
    $this->assertFalse($account->hasPermission('administer users'));

    // Whoever has the name now is not known any more.
    $this->container->get('module_installer')->install(['entra_user_sync']);
    $this->container = \Drupal::getContainer();
    $this->assertRefused('left from an earlier installation of this module');
    $account->delete();
    $this->container->get(SitePreparation::class)->prepare('https://site.example');
  }

  /**
   * Uninstalling takes its rights from the account also where the role stays.
   */
  public function testTakesRightsFromAccountWhereRoleStays(): void {
    $this->newUser('root');
    // Not made by set-up, so that it does not go with the module.
    Role::create(['id' => 'entra_user_sync', 'label' => 'Imported'])->save();
    $this->container->get(SitePreparation::class)->prepare('https://site.example');
    // Renamed since.
    user_load_by_name('entra-user-sync')->setUsername('svc')->save();
    $bob = $this->newUser('entra-user-sync');
    $this->container->get('module_installer')->uninstall(['entra_user_sync']);
    $this->assertNotNull(Role::load('entra_user_sync'));
    $this->assertFalse(user_load_by_name('svc')->hasPermission('administer users'));
    $this->assertTrue(User::load($bob->id())->isActive(), 'Nobody else is blocked.');
  }

  /**
   * An account that may be a person's by now stays, and that is said.
   */
  public function testTellsOfAccountThatStaysActive(): void {
    $this->newUser('root');
    Role::create(['id' => 'editor', 'label' => 'Editor'])->save();
    $this->container->get(SitePreparation::class)->prepare('https://site.example');
    user_load_by_name('entra-user-sync')->addRole('editor')->save();
    $this->container->get('module_installer')->uninstall(['entra_user_sync']);
    $this->assertTrue(user_load_by_name('entra-user-sync')->isActive());
    $warnings = array_map(strval(...), \Drupal::messenger()->messagesByType('warning'));
    $this->assertStringContainsString('"entra-user-sync" (uid 2) of the sync app stays as it is', html_entity_decode(end($warnings)));
  }

}
