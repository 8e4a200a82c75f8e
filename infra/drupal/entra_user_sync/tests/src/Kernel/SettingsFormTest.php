<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Form\FormState;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Form\SettingsForm;
use Drupal\entra_user_sync\Hook\SiteHooks;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Psr7\Request;
use GuzzleHttp\Psr7\Response;

/**
 * Tests the settings page, and what is said before uninstalling.
 *
 * @group entra_user_sync
 */
class SettingsFormTest extends OutboxKernelTestBase {

  use PageTrait;

  private const PATH = '/admin/config/people/entra-user-sync';

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
    $secret = WebhookSecrets::make();
    // Not taken, as the address is wrong; then taken.
    $typed = ['new_secret' => $secret, 'address' => 'nowhere'];
    $answers = (string) $this->pressOn(self::PATH, 'Save configuration', $typed)->getContent();
    $this->assertStringContainsString('must begin with https://', $answers);
    $answers .= $this->pressOn(self::PATH, 'Save configuration', ['new_secret' => $secret])->getContent();
    $answers .= $this->visit(self::PATH)->getContent();
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
   * A role that everyone has is not the app's: nothing would be sent any more.
   */
  public function testRefusesRolesOfEveryone(): void {
    $this->assertSame(['role'], array_keys($this->submit(['role' => 'authenticated'])));
    $this->assertSame([], $this->submit(['role' => 'authenticated_app']));
  }

  /**
   * A secret is replaced: the new one comes, both sign, the old one goes.
   */
  public function testReplacesSecret(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $secrets = $this->container->get(WebhookSecrets::class);
    [['id' => $old]] = $secrets->listed();
    $secret = WebhookSecrets::make();
    $this->pressOn(self::PATH, 'Save configuration', ['new_secret' => $secret]);
    $this->assertCount(2, $secrets->keys());
    $this->pressOn(self::PATH, 'Save configuration', ['secrets' => [$old => ['remove' => '1']]]);
    $this->assertSame([WebhookSecrets::bytes($secret)], $secrets->keys());
  }

  /**
   * Whatever comes back of a test event is said in words.
   *
   * @dataProvider answersToTest
   */
  public function testSaysInWordsWhatComesOfTestEvent(Response|int $answer, string $type, string $words): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync'], 'a-person'));
    $this->newUser('ada')->setEmail('ada@example.com')->save();
    // An error of curl, by its number, where there is no answer.
    $this->app->append($answer instanceof Response ? $answer : new ConnectException('', new Request('POST', ''), NULL, ['errno' => $answer]));
    $this->pressOn(self::PATH, 'Save and send a test event');
    $said = array_map(strval(...), $this->container->get('messenger')->messagesByType($type));
    $this->assertStringContainsString($words, implode(' ', $said));

    $this->assertCount(1, $this->received);
    $this->assertSame(['type', 'timestamp', 'data'], array_keys($this->body(0)));
    $this->assertSame(['test', []], [$this->body(0)['type'], $this->body(0)['data']]);
    foreach (['ada', 'a-person', $this->container->get('current_user')->getEmail()] as $value) {
      $this->assertStringNotContainsString((string) $value, (string) $this->received[0]['request']->getBody());
    }
  }

  /**
   * What comes back, of which type the message is, and its words.
   */
  public static function answersToTest(): array {
    return [
      [new Response(202), 'status', 'address and secret are right'],
      [new Response(200, ['Content-Type' => 'text/html']), 'error', 'not the sync app'],
      [new Response(302, ['Location' => 'https://elsewhere.example']), 'error', 'leads elsewhere (302)'],
      [new Response(400), 'error', 'does not understand what was sent (400)'],
      [new Response(401), 'error', 'does not know this signature (401)'],
      [new Response(403), 'error', 'turns this site away (403)'],
      [new Response(404), 'error', 'no such page at this address (404)'],
      [new Response(410), 'error', 'wants no more changes'],
      [new Response(418), 'error', 'not foreseen (418)'],
      [new Response(429), 'error', 'asks for a pause (429)'],
      [new Response(500), 'error', 'a fault of its own (500)'],
      'no such name' => [6, 'error', 'not known to DNS'],
      'no answer in time' => [28, 'error', 'No answer within 5 seconds'],
      'a certificate that is not good' => [60, 'error', 'the certificate of the app is not valid'],
      'nobody there' => [7, 'error', 'Nobody answers at this address'],
    ];
  }

  /**
   * What sends more than the app ever would, and an address that is none.
   */
  public function testSaysWhatIsNoAppAtAll(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $this->app->append(new Response(202, [], str_repeat('x', 70000)));
    $this->pressOn(self::PATH, 'Save and send a test event');
    $said = $this->container->get('messenger')->messagesByType('error');
    $this->assertStringContainsString('sent very much', (string) reset($said));

    // As settings.php does it, past the form.
    $GLOBALS['config']['entra_user_sync.settings']['address'] = 'https://:0';
    $this->container->get('config.factory')->reset();
    $this->assertSame('no_address', $this->container->get(Webhook::class)->postTest()->reason);
    unset($GLOBALS['config']['entra_user_sync.settings']);
  }

  /**
   * Neither a link nor the form of another site sends a test event.
   */
  public function testSendsTestEventForNobodyElse(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $forged = [
      'form_id' => 'entra_user_sync_settings',
      'op' => 'Save and send a test event',
      'form_token' => 'guessed',
      'address' => 'https://evil.example',
    ];
    $this->visit(self::PATH, 'GET', $forged);
    $this->visit(self::PATH, 'POST', $forged);
    $this->setCurrentUser($this->createUser(['administer users']));
    $this->assertSame(403, $this->visit(self::PATH, 'POST', $forged)->getStatusCode());
    $this->assertSame([], $this->received);
    $this->assertSame('https://app.example', $this->config('entra_user_sync.settings')->get('address'));
  }

  /**
   * A test that succeeds ends no pause, and says so.
   */
  public function testSaysThatSendingIsStillPaused(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $this->container->get(DeliveryState::class)->pauseFor('unauthorized');
    $this->answers(202);
    $this->pressOn(self::PATH, 'Save and send a test event');
    $this->assertStringContainsString('still paused', (string) $this->container->get('messenger')->messagesByType('warning')[0]);
    $this->assertNotNull($this->container->get(DeliveryState::class)->pause());
  }

  /**
   * A button does what it said, whatever others did since the page was shown.
   */
  public function testButtonsDoWhatTheySay(): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $state = $this->container->get(DeliveryState::class);
    foreach (['Pause sending' => TRUE, 'Resume sending' => FALSE] as $button => $isPaused) {
      foreach ([FALSE, TRUE] as $wasDoneByOthers) {
        $isPaused === $wasDoneByOthers ? $state->pauseFor('person') : $state->resume();
        $this->pressOn(self::PATH, $button, ['address' => 'https://typed.example']);
        $this->assertSame($isPaused, $state->pause() !== NULL, $button);
        $this->assertSame('https://app.example', $this->container->get('config.storage')->read('entra_user_sync.settings')['address'], 'Nothing else is saved.');
        $page = (string) $this->visit(self::PATH)->getContent();
        $this->assertSame([!$isPaused, $isPaused], [str_contains($page, 'value="Pause sending"'), str_contains($page, 'value="Resume sending"')]);
      }
    }
  }

  /**
   * Once the cause may be mended, nothing waits for hours any more.
   *
   * @dataProvider mends
   */
  public function testGoesOnOnceTheCauseIsMended(string $button, array $values, bool $isMended): void {
    $this->setCurrentUser($this->createUser(['administer entra user sync']));
    $this->newUser('ada');
    $this->answers(503);
    $this->endRequest();
    $state = $this->container->get(DeliveryState::class);
    $this->assertGreaterThan(0, $state->heldUntil());
    $this->answers($isMended ? 202 : 503);
    $this->pressOn(self::PATH, $button, $values);
    $this->assertSame($isMended, $state->heldUntil() === 0);
    $said = array_map(strval(...), $this->container->get('messenger')->messagesByType('status'));
    $this->assertSame($isMended, in_array('What waits is sent with the next change, or by cron.', $said, TRUE));
  }

  /**
   * The button, what is typed, and whether that may mend it.
   */
  public static function mends(): array {
    return [
      'a test event is accepted' => ['Save and send a test event', [], TRUE],
      'a test event is not' => ['Save and send a test event', [], FALSE],
      'another address' => ['Save configuration', ['address' => 'https://other.example'], TRUE],
      'another secret' => ['Save configuration', ['new_secret' => 'a-secret-of-enough-bytes-for-it'], TRUE],
      'nothing that matters' => ['Save configuration', ['send_own_changes' => '1'], FALSE],
    ];
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
