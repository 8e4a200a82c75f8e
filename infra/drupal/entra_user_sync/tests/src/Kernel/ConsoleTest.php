<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Form\FormState;
use Drupal\entra_user_sync\Controller\AccountController;
use Drupal\entra_user_sync\Controller\ReportController;
use Drupal\entra_user_sync\Delivery\ConsoleSignature;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Form\ProvisionForm;
use Drupal\entra_user_sync\Form\ReportFilterForm;
use Drupal\user\Entity\User;
use Drupal\user\UserInterface;
use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Psr7\Request;
use GuzzleHttp\Psr7\Response;
use Symfony\Component\HttpFoundation\Request as PageRequest;
use Symfony\Component\HttpKernel\Exception\AccessDeniedHttpException;

/**
 * Tests the tab on accounts and the report.
 *
 * @group entra_user_sync
 */
class ConsoleTest extends OutboxKernelTestBase {

  use PageTrait;

  private const REASON = ['code' => 'alreadyInSync', 'message' => 'both sides are <script>alike</script>'];

  /**
   * Whom the tab is about.
   */
  private UserInterface $ada;

  /**
   * {@inheritdoc}
   */
  protected function setUp(): void {
    parent::setUp();
    $this->installConfig(['system']);
    // Takes uid 1, who may do everything.
    $this->newUser('root');
    $this->ada = $this->newUser('ada');
  }

  /**
   * Only who has the permission sees tab and report.
   */
  public function testShowsTabAndReportToThoseWhoMay(): void {
    $access = $this->container->get('access_manager');
    $viewer = $this->createUser(['view entra sync audit']);
    $syncer = $this->createUser(['sync users with entra', 'access user profiles', 'administer users']);
    foreach (['entra_user_sync.account' => ['user' => $this->ada->id()], 'entra_user_sync.report' => []] as $route => $parameters) {
      $this->assertTrue($access->checkNamedRoute($route, $parameters, $viewer));
      $this->assertFalse($access->checkNamedRoute($route, $parameters, $syncer));
      $this->assertFalse($access->checkNamedRoute($route, $parameters, $this->ada));
    }
  }

  /**
   * Who may not look gets 403, and the app is not even asked.
   */
  public function testAsksTheAppNothingForWhoMayNot(): void {
    $paths = ['/user/' . $this->ada->id() . '/entra-sync', '/admin/reports/entra-user-sync'];
    $people = [
      $this->createUser(['sync users with entra', 'administer users', 'access user profiles', 'access site reports']),
      $this->ada,
      User::getAnonymousUser(),
    ];
    foreach ($people as $person) {
      $this->setCurrentUser($person);
      foreach ($paths as $path) {
        $this->assertSame(403, $this->visit($path)->getStatusCode());
        $pressed = ['form_id' => 'entra_user_sync_provision', 'op' => 'Sync now'];
        $this->assertSame(403, $this->visit($path, 'POST', $pressed)->getStatusCode());
      }
    }
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->assertSame(404, $this->visit('/user/0/entra-sync')->getStatusCode());
    $this->assertSame([], $this->received);
  }

  /**
   * The whole page is kept by nobody, and orders nothing by itself.
   */
  public function testGivesPageThatIsKeptByNobody(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit', 'sync users with entra']));
    $path = '/user/' . $this->ada->id() . '/entra-sync';
    // Neither a link nor the form of another site presses a button.
    $forged = ['form_id' => 'entra_user_sync_provision', 'op' => 'Sync now', 'form_token' => 'guessed'];
    foreach (['GET', 'POST'] as $method) {
      $this->tells($this->explained(), $this->page([$this->entry()]));
      $page = $this->visit($path, $method, $forged);
      $this->assertSame(200, $page->getStatusCode());
      $this->assertStringContainsString('no-store', (string) $page->headers->get('Cache-Control'));
    }
    $this->assertSame(['GET'], array_values(array_unique(array_map(fn (array $each): string => $each['request']->getMethod(), $this->received))));
    // The button itself does.
    $answer = [
      'outcome' => ['status' => 'planned', 'reason' => self::REASON],
      'explanation' => $this->explained()['explanation'],
    ];
    $this->tells($this->explained(), $this->page([]), $answer, $this->explained(), $this->page([]));
    $page = (string) $this->pressOn($path, 'Preview')->getContent();
    $this->assertStringContainsString('<caption>The five steps</caption>', $page);
    $steps = [
      'Import user',
      'Determine if user is in scope',
      'Match user between source and target system',
      'Decide what to write',
      'Perform action',
    ];
    foreach ($steps as $step) {
      $this->assertStringContainsString($step, $page);
    }
    foreach (['form', 'form_state'] as $collection) {
      $this->assertSame([], $this->container->get('keyvalue.expirable')->get($collection)->getAll());
    }
  }

  /**
   * What a newer app may say is shown as it is, and is no markup.
   */
  public function testShowsWhatItDoesNotKnowAsItIs(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->page([
      [
        'at' => 'tomorrow',
        'operation' => 'merge<b>',
        'resourceType' => 'licence<b>',
        'system' => 'okta<b>',
        'status' => 'paused<b>',
        'cause' => 'whim<b>',
        'actor' => 'drupal:user/1<b>',
        'displayName' => 'Eve<b>',
        'changes' => [
          ['attribute' => 'a<b>', 'before' => ['x', ['k<b>' => TRUE]], 'after' => 1.5],
          ['attribute' => 'b', 'before' => [TRUE, NULL], 'after' => ['deep' => ['er' => []]]],
        ],
        'reason' => ['code' => 'new', 'message' => 'as<b>'],
      ] + $this->entry(),
      ['at' => ['no'], 'status' => NULL, 'changes' => 'none', 'reason' => 7, 'entraId' => 'id-of-entra'],
    ]));
    $page = $this->report();
    foreach (['tomorrow', 'merge', 'licence', 'okta', 'paused', 'whim', ', asked by drupal:user/1', 'as'] as $word) {
      $this->assertStringContainsString($word . ($word === 'tomorrow' ? '' : '&lt;b&gt;'), $page);
    }
    $this->assertStringContainsString('a&lt;b&gt;: x, {&quot;k&lt;b&gt;&quot;:true} → 1.5', $page);
    $this->assertStringContainsString('b: yes, (empty) → {&quot;deep&quot;:{&quot;er&quot;:[]}}', $page);
    $this->assertStringContainsString('id-of-entra', $page);
    $this->assertStringNotContainsString('<b>', $page);
  }

  /**
   * Times are the person's, and so are the days of the filters.
   */
  public function testTellsTimesOfThePerson(): void {
    $this->config('system.date')->set('timezone.user.configurable', TRUE)->save();
    $person = $this->createUser(['view entra sync audit'], NULL, FALSE, ['timezone' => 'Asia/Tokyo']);
    $this->setCurrentUser($person);
    $this->tells($this->page([['at' => '2026-11-24T20:00:00.000Z'] + $this->entry()]));
    $page = (string) $this->visit('/admin/reports/entra-user-sync', 'GET', ['from' => '2026-11-25'])->getContent();
    $this->assertStringContainsString('11/25/2026 - 05:00', $page);
    $this->assertStringContainsString('datetime="2026-11-24T20:00:00Z"', $page);
    $this->assertStringContainsString('from=2026-11-24T15%3A00%3A00.000Z', $this->targets()[0]);
  }

  /**
   * An empty table says what to do.
   */
  public function testSaysWhatToDoWhereNothingIs(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->page([]), $this->page([]), $this->page([], 'next'), $this->page([]), $this->explained(), $this->page([]));
    $this->assertStringContainsString('The sync has done nothing yet', $this->report());
    $this->assertStringContainsString('or "Show all"', $page = $this->report(['status' => 'failure']));
    $this->assertStringContainsString('>Show all</a>', $page);
    $this->assertStringContainsString('go on with "Older entries"', $this->report(['status' => 'failure']));
    $this->assertStringContainsString('There are no older entries', $this->report(['continuation' => 'next']));
    $this->assertStringContainsString('when its schedule is due', $this->tab());
  }

  /**
   * On a small screen, columns that can be spared are not there.
   */
  public function testLeavesColumnsOutOnSmallScreens(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->page([$this->entry()]), $this->explained(), $this->page([$this->entry()]));
    foreach ([$this->report(), $this->tab()] as $page) {
      preg_match_all('~<th[^>]*>([^<]+)</th>~', $page, $all);
      preg_match_all('~<th(?![^>]*priority)[^>]*>([^<]+)</th>~', $page, $kept);
      $this->assertContains('Resource', $all[1]);
      $this->assertNotContains('Resource', $kept[1]);
      $this->assertContains('Status', $kept[1]);
    }
  }

  /**
   * The tab tells the story, and nothing of it is markup.
   */
  public function testTellsOfUserEscaped(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->explained(), $this->page([$this->entry()]));
    $page = $this->tab();
    $this->assertStringNotContainsString('<script>', $page);
    $this->assertStringContainsString('Both sides are &lt;script&gt;alike&lt;/script&gt;', $page);
    $this->assertStringContainsString('ada&lt;script&gt;@contoso.example', $page);
    $this->assertStringContainsString('title: &lt;script&gt;1&lt;/script&gt; → (empty)', $page);
    $this->assertStringContainsString('<caption>Both accounts</caption>', $page);
    $this->assertStringNotContainsString('Sync now', $page);
    $this->assertSame([
      '/api/console/users/' . $this->ada->uuid(),
      '/api/console/audit?user=' . $this->ada->uuid() . '&limit=20',
    ], $this->targets());
  }

  /**
   * Every question is signed by itself, and has an id of its own.
   */
  public function testSignsEachQuestion(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->explained(), $this->page([]));
    $this->tab();
    $this->assertSigned(0);
    $this->assertSigned(1);
    $ids = array_map(fn (array $each): string => $each['request']->getHeaderLine('webhook-id'), $this->received);
    $this->assertNotSame($ids[0], $ids[1]);
    foreach ($this->received as $each) {
      $this->assertFalse($each['options']['allow_redirects']);
      $this->assertSame(5, $each['options']['timeout']);
    }
  }

  /**
   * An app that is away is asked once, and the page is still there.
   */
  public function testSaysInWordsThatTheAppIsAway(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit', 'sync users with entra']));
    $this->app->append(new ConnectException('refused', new Request('GET', 'https://app.example')));
    $page = $this->tab();
    $this->assertStringContainsString('Nobody answers at this address', $page);
    $this->assertStringContainsString('Sync now', $page);
    $this->assertCount(1, $this->received);
  }

  /**
   * What the app refuses is said in words, on both pages.
   *
   * @dataProvider refusals
   */
  public function testSaysInWordsWhyNothingIsShown(int $status, array $problem, string $words): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->app->append(new Response($status, [], json_encode($problem)), new Response($status, [], json_encode($problem)));
    $this->assertStringContainsString($words, $this->tab());
    $this->assertStringContainsString($words, $this->report());
  }

  /**
   * Status, problem and words.
   */
  public static function refusals(): array {
    return [
      'off' => [404, ['code' => 'notFound', 'title' => 'There is nothing here.'], 'DRUPAL_CONSOLE must be'],
      'another secret' => [401, ['code' => 'signatureInvalid', 'title' => 'No.'], 'does not know this signature'],
    ];
  }

  /**
   * What is no answer of the app is said in words, and read to no end.
   *
   * @dataProvider foreign
   */
  public function testSaysInWordsWhatAnsweredInstead(int $status, array $headers, string $body, string $words): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit', 'sync users with entra']));
    for ($i = 0; $i < 4; $i++) {
      $this->app->append(new Response($status, $headers, $body));
    }
    $this->assertStringContainsString($words, $this->report());
    $this->assertStringContainsString($words, $this->tab());
    $this->assertSame([], $this->press('Sync now')->getErrors());
    $this->assertStringContainsString($words, (string) $this->container->get('messenger')->messagesByType('error')[0]);
  }

  /**
   * Status, headers, body and words.
   */
  public static function foreign(): array {
    $refusal = '{"code":"signatureInvalid","title":"No."}';
    return [
      'a clock that is wrong' => [401, ['Date' => gmdate('D, d M Y H:i:s \G\M\T', time() + 8900)], $refusal, ': its clock and the clock of this site are 2 hours'],
      'a clock that is right' => [401, ['Date' => gmdate('D, d M Y H:i:s \G\M\T')], $refusal, 'does not know this signature'],
      'asked too often' => [429, [], '{"code":"throttled","title":"Too many."}', 'Try again in a minute'],
      'a page of a proxy' => [200, ['Content-Type' => 'text/html'], '<html><script>alert(1)</script>', 'not the sync app'],
      'a proxy whose app is away' => [502, [], '<html>Bad gateway', 'a fault of its own (502)'],
      'no end of bytes' => [200, [], '{"items":[],"reason":{},"outcome":{},"x":"' . str_repeat('x', 10_000_000) . '"}', 'longer than any of the sync app'],
      'no end of words' => [422, [], '{"code":"rejected","title":"' . str_repeat('no ', 400_000) . '"}', '…'],
    ];
  }

  /**
   * An address that settings.php sets and that is none is said in words.
   */
  public function testSaysInWordsThatTheAddressIsNone(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->config('entra_user_sync.settings')->set('address', 'https:///:::')->save();
    $this->assertStringContainsString('The address of the sync app is none', $this->report());
  }

  /**
   * The order is a dry run for this user, in the name of who pressed.
   *
   * @dataProvider buttons
   */
  public function testOrdersWhatTheButtonSays(string $button, bool $isDryRun): void {
    $person = $this->createUser(['sync users with entra']);
    $this->setCurrentUser($person);
    $this->tells([
      'dryRun' => $isDryRun,
      'outcome' => ['status' => $isDryRun ? 'planned' : 'success', 'operations' => [], 'reason' => self::REASON],
      'explanation' => $this->explained()['explanation'],
    ]);
    $state = $this->press($button);
    $this->assertSame([], $state->getErrors());
    $this->assertSame(['/api/console/provision'], $this->targets());
    $this->assertSame(
      ['drupalUuid' => $this->ada->uuid(), 'dryRun' => $isDryRun, 'actor' => ['uid' => (int) $person->id()]],
      $this->body(0),
    );
    $this->assertSame('application/json', $this->received[0]['request']->getHeaderLine('Content-Type'));
    $this->assertSigned(0);
    $form = $this->container->get('form_builder')->rebuildForm('entra_user_sync_provision', $state);
    $page = (string) $this->container->get('renderer')->renderInIsolation($form);
    $this->assertFalse($state->isCached(), 'Nothing of an answer stays.');
    $this->assertStringContainsString('<caption>The five steps</caption>', $page);
    $this->assertStringContainsString('title: old → new&lt;script&gt;', $page);
    $this->assertStringNotContainsString('<script>', $page);
  }

  /**
   * Buttons, and whether they write nothing.
   */
  public static function buttons(): array {
    return ['preview' => ['Preview', TRUE], 'sync' => ['Sync now', FALSE]];
  }

  /**
   * Who may only look cannot press, whatever is posted.
   */
  public function testRefusesOrdersOfThoseWhoMayOnlyLook(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $form = $this->container->get('form_builder')->getForm(ProvisionForm::class, $this->ada);
    $this->assertSame('', $this->rendered($form));
    try {
      $this->press('Sync now');
      $this->fail('The order was taken.');
    }
    catch (AccessDeniedHttpException) {
      $this->assertSame([], $this->received);
    }
  }

  /**
   * The form is bound to the session of the person.
   */
  public function testGuardsButtonsAgainstForgedRequests(): void {
    $this->setCurrentUser($this->createUser(['sync users with entra']));
    $form = $this->container->get('form_builder')->getForm(ProvisionForm::class, $this->ada);
    $this->assertNotEmpty($form['form_token']['#default_value']);
  }

  /**
   * The report hands filters on, and the place where the next page begins.
   */
  public function testPagesThroughTheReport(): void {
    $person = $this->createUser(['view entra sync audit']);
    $this->setCurrentUser($person);
    $this->tells($this->page([['actor' => 'drupal:user/' . $person->id()] + $this->entry()], 'next/page'));
    $page = $this->report(['status' => 'failure', 'continuation' => 'this=page', 'format' => 'csv']);
    $this->assertSame(['/api/console/audit?status=failure&limit=50&continuation=this%3Dpage'], $this->targets());
    $this->assertSigned(0);
    $this->assertStringContainsString('?status=failure&amp;continuation=next/page"', $page);
    $this->assertStringContainsString('>Newest entries</a>', $page);
    $this->assertStringContainsString('/user/' . $this->ada->id() . '/entra-sync"', $page);
    $this->assertStringContainsString($person->getDisplayName(), $page);
    $this->assertStringNotContainsString('<script>', $page);
  }

  /**
   * The filters go into the address.
   */
  public function testPutsFiltersIntoTheAddress(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $state = (new FormState())->setValues(['status' => 'failure', 'operation' => '', 'from' => '2026-11-01', 'to' => '']);
    // A redirect is not kept where a form is submitted by code.
    $none = [];
    $this->controller(ReportFilterForm::class)->submitForm($none, $state);
    $this->assertSame(['status' => 'failure', 'from' => '2026-11-01'], $state->getRedirect()->getOption('query'));

    $state = (new FormState())->setValues(['from' => '2026-11-02', 'to' => '2026-11-01']);
    $this->container->get('form_builder')->submitForm(ReportFilterForm::class, $state);
    $this->assertSame(['to'], array_keys($state->getErrors()));
  }

  /**
   * What comes from the app is never cached.
   */
  public function testKeepsNothingOfTheApp(): void {
    $this->setCurrentUser($this->createUser(['view entra sync audit']));
    $this->tells($this->explained(), $this->page([]), $this->page([]));
    $tab = $this->controller(AccountController::class)->page($this->ada);
    $report = $this->controller(ReportController::class)->page(PageRequest::create('/'));
    $this->assertSame([0, 0], [$tab['#cache']['max-age'], $report['#cache']['max-age']]);
  }

  /**
   * The app will answer with these, in turn.
   */
  private function tells(array ...$answers): void {
    foreach ($answers as $answer) {
      $this->app->append(new Response(200, ['Content-Type' => 'application/json'], json_encode($answer, JSON_THROW_ON_ERROR)));
    }
  }

  /**
   * What the app was asked, in turn.
   */
  private function targets(): array {
    return array_map(fn (array $each): string => $each['request']->getRequestTarget(), $this->received);
  }

  /**
   * The signature covers what went over the wire.
   */
  private function assertSigned(int $index): void {
    $request = $this->received[$index]['request'];
    $this->assertSame(ConsoleSignature::of(
      $this->container->get(WebhookSecrets::class)->keys(),
      $request->getHeaderLine('webhook-id'),
      (int) $request->getHeaderLine('webhook-timestamp'),
      $request->getMethod(),
      $request->getRequestTarget(),
      (string) $request->getBody(),
    ), $request->getHeaderLine('webhook-signature'));
  }

  /**
   * The tab as HTML.
   */
  private function tab(): string {
    return $this->rendered($this->controller(AccountController::class)->page($this->ada));
  }

  /**
   * The report as HTML.
   */
  private function report(array $query = []): string {
    return $this->rendered($this->controller(ReportController::class)->page(PageRequest::create('/', 'GET', $query)));
  }

  /**
   * HTML of a render array.
   */
  private function rendered(array $build): string {
    return (string) $this->container->get('renderer')->renderInIsolation($build);
  }

  /**
   * A controller, or a form.
   *
   * @template T of object
   * @phpstan-param class-string<T> $class
   * @phpstan-return T
   */
  private function controller(string $class): object {
    return $this->container->get('class_resolver')->getInstanceFromDefinition($class);
  }

  /**
   * Presses a button of the tab.
   */
  private function press(string $button): FormState {
    $state = (new FormState())
      ->setValues(['op' => $button])
      ->setRequestMethod('POST')
      ->setProgrammedBypassAccessCheck(FALSE);
    $state->addBuildInfo('args', [$this->ada]);
    $this->container->get('form_builder')->submitForm(ProvisionForm::class, $state);
    return $state;
  }

  /**
   * A page of the audit log.
   */
  private function page(array $entries, ?string $continuation = NULL): array {
    return ['items' => $entries, 'continuation' => $continuation];
  }

  /**
   * An entry of the audit log.
   */
  private function entry(): array {
    return [
      'id' => 'one',
      'at' => '2026-11-24T08:00:00.000Z',
      'operation' => 'update',
      'resourceType' => 'user',
      'status' => 'success',
      'system' => 'entra',
      'cause' => 'onDemand',
      'drupalUuid' => $this->ada->uuid(),
      'changes' => [['attribute' => 'title', 'before' => '<script>1</script>', 'after' => NULL, 'why' => 'changedInDrupal']],
      'reason' => self::REASON,
      'actor' => 'drupal:user/999',
      'durationMs' => 12,
    ];
  }

  /**
   * The app's answer on a user.
   */
  private function explained(): array {
    $told = ['status' => 'success', 'reason' => self::REASON];
    return [
      'link' => [
        'entraObjectId' => 'fd1c4b1e-0000-4000-8000-000000000001',
        'linkedAt' => '2026-11-20T08:00:00.000Z',
        'madeByUs' => ['drupal' => FALSE, 'entra' => TRUE],
        'blocks' => ['drupal' => 'none', 'entra' => 'ours'],
        'deleteDue' => NULL,
      ],
      'reason' => self::REASON,
      'explanation' => [
        'import' => $told + [
          'drupal' => ['name' => 'ada', 'enabled' => TRUE],
          'entra' => ['userPrincipalName' => 'ada<script>@contoso.example', 'enabled' => FALSE],
        ],
        'scoping' => $told,
        'matching' => $told,
        'processing' => $told + ['conflicts' => []],
        'export' => $told + [
          'steps' => [
            [
              'operation' => 'update',
              'system' => 'entra',
              'resource' => 'user',
              'changes' => [['attribute' => 'title', 'before' => 'old', 'after' => 'new<script>', 'why' => 'x']],
              'status' => 'planned',
              'reason' => self::REASON,
            ],
          ],
        ],
      ],
      'escrow' => NULL,
      'photo' => NULL,
    ];
  }

}
