<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Form\FormState;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Form\SettingsForm;
use Drupal\entra_user_sync\Hook\SiteHooks;

/**
 * Tests the settings page, and what is said before uninstalling.
 *
 * @group entra_user_sync
 */
class SettingsFormTest extends OutboxKernelTestBase {

  use PageTrait;

  /**
   * {@inheritdoc}
   */
  protected function setUp(): void {
    parent::setUp();
    $this->installConfig(['system']);
  }

  /**
   * Only addresses that keep secrets are taken.
   *
   * @dataProvider addresses
   */
  public function testTakesOnlySafeAddresses(string $address, ?string $kept): void {
    $errors = $this->submit(['address' => $address]);
    $this->assertSame($kept === NULL ? ['address'] : [], array_keys($errors));
    $expected = $kept ?? 'https://app.example';
    // Not $this->config(): validation has changed that object, unsaved.
    $this->assertSame($expected, $this->container->get('config.storage')->read('entra_user_sync.settings')['address']);
  }

  /**
   * What is typed, and what is kept of it; NULL if it is refused.
   */
  public static function addresses(): array {
    return [
      'https' => ['https://sync.example', 'https://sync.example'],
      'with a port and a path' => ['https://sync.example:8443/base/', 'https://sync.example:8443/base'],
      'the address of the webhook' => ['https://sync.example/api/webhooks/drupal', 'https://sync.example'],
      'this machine' => ['http://127.0.0.1:7071', 'http://127.0.0.1:7071'],
      'not encrypted' => ['http://sync.example', NULL],
      'not this machine, though it begins so' => ['http://localhost.example', NULL],
      'with a password' => ['https://someone:secret@sync.example', NULL],
      'with a query' => ['https://sync.example/?code=secret', NULL],
      'no address' => ['sync.example', NULL],
    ];
  }

  /**
   * A secret is kept, and is on no page afterwards.
   */
  public function testNeverShowsSecretsAgain(): void {
    $secret = WebhookSecrets::make();
    $this->assertSame([], $this->submit(['new_secret' => $secret]));
    $this->assertSame(WebhookSecrets::bytes($secret), $this->container->get(WebhookSecrets::class)->keys()[0]);
    $form = $this->container->get('form_builder')->getForm(SettingsForm::class);
    $page = (string) $this->container->get('renderer')->renderInIsolation($form);
    $this->assertStringContainsString('Typed in here', $page);
    $this->assertStringNotContainsString(substr($secret, 6), $page);
  }

  /**
   * What is typed is in no answer, no form cache, no configuration and no log.
   */
  public function testKeepsTypedSecretOutOfEverythingElse(): void {
    $this->container->get('module_installer')->install(['dblog']);
    $this->container = \Drupal::getContainer();
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $path = '/admin/config/people/entra-user-sync';
    $secret = WebhookSecrets::make();
    // Not taken, as the address is wrong; then taken.
    $answers = (string) $this->pressOn($path, 'Save configuration', ['new_secret' => $secret, 'address' => 'nowhere'])->getContent();
    $this->assertStringContainsString('must begin with https://', $answers);
    $answers .= $this->pressOn($path, 'Save configuration', ['new_secret' => $secret])->getContent();
    $answers .= $this->visit($path)->getContent();
    $this->assertSame(WebhookSecrets::bytes($secret), $this->container->get(WebhookSecrets::class)->keys()[0]);
    $this->assertStringNotContainsString(substr($secret, 6), $answers);
    $this->assertStringNotContainsString(substr($secret, 6), $this->stored());
    foreach (['form', 'form_state'] as $collection) {
      $this->assertSame([], $this->container->get('keyvalue.expirable')->get($collection)->getAll());
    }
  }

  /**
   * A secret that the app would refuse is not taken.
   */
  public function testRefusesSecretsThatTheAppWouldNotTake(): void {
    $secrets = $this->container->get(WebhookSecrets::class);
    foreach (['too-short', 'long enough, but with blanks and commas', 'whsec_no~base64~though~it~says~so'] as $secret) {
      $this->assertSame(['new_secret'], array_keys($this->submit(['new_secret' => $secret])));
    }
    $this->assertCount(1, $secrets->listed());
    for ($i = 0; $i < 4; $i++) {
      $this->assertSame([], $this->submit(['new_secret' => WebhookSecrets::make()]));
    }
    $this->assertSame(['new_secret'], array_keys($this->submit(['new_secret' => WebhookSecrets::make()])));
    $this->assertCount(5, $secrets->listed());
  }

  /**
   * A secret is replaced: the new one comes, both sign, the old one goes.
   */
  public function testReplacesSecret(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $secrets = $this->container->get(WebhookSecrets::class);
    [['id' => $old]] = $secrets->listed();
    $path = '/admin/config/people/entra-user-sync';
    $secret = WebhookSecrets::make();
    $this->pressOn($path, 'Save configuration', ['new_secret' => $secret]);
    $this->assertCount(2, $secrets->keys());
    $this->pressOn($path, 'Save configuration', ['secrets' => [$old => ['remove' => '1']]]);
    $this->assertSame([WebhookSecrets::bytes($secret)], $secrets->keys());
  }

  /**
   * Whoever uninstalls is told first what is discarded.
   */
  public function testWarnsOfUnsentChangesBeforeUninstalling(): void {
    $form = ['modules' => ['#items' => ['Entra user sync']]];
    $hooks = $this->container->get(SiteHooks::class);
    $hooks->formUninstallAlter($form);
    $this->assertArrayNotHasKey('entra_user_sync_unsent', $form);
    $this->newUser('ada');
    $hooks->formUninstallAlter($form);
    $this->assertArrayHasKey('entra_user_sync_unsent', $form);
  }

  /**
   * Saves the form.
   *
   * @return array<string, mixed>
   *   Errors by element.
   */
  private function submit(array $values): array {
    $state = (new FormState())->setValues($values + [
      'address' => 'https://app.example',
      'name' => 'entra-user-sync',
      'role' => 'entra_user_sync',
    ]);
    $this->container->get('form_builder')->submitForm(SettingsForm::class, $state);
    return $state->getErrors();
  }

}
