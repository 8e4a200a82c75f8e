<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Database\Connection;
use Drupal\Core\Database\Event\StatementExecutionEndEvent;
use Drupal\Core\Database\Event\StatementExecutionStartEvent;
use Drupal\Core\Lock\DatabaseLockBackend;
use Drupal\Core\Lock\LockBackendInterface;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Hook\SiteHooks;
use Drupal\entra_user_sync\Outbox\ChangeKind;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Outbox\Dispatcher;
use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Psr7\Request;
use GuzzleHttp\Psr7\Response;
use Psr\Log\NullLogger;
use Symfony\Component\HttpFoundation\Request as HttpRequest;
use Symfony\Component\HttpFoundation\Response as HttpResponse;
use Symfony\Component\HttpKernel\TerminableInterface;

/**
 * Tests how the outbox is sent.
 *
 * @group entra_user_sync
 */
class SendingTest extends OutboxKernelTestBase {

  /**
   * One post, signed, with a pointer and no value; then the row is gone.
   */
  public function testSendsPointerAfterTheRequest(): void {
    $ada = $this->newUser('ada');
    $this->assertSame([], $this->received);
    $this->answers(202);
    $this->endRequest();
    $this->assertCount(1, $this->received);
    $request = $this->received[0]['request'];
    $this->assertSame('https://app.example/api/webhooks/drupal', (string) $request->getUri());
    $this->assertMatchesRegularExpression('/^[A-Za-z0-9_-]{1,128}$/', $request->getHeaderLine('webhook-id'));
    $this->assertStringStartsWith('v1,', $request->getHeaderLine('webhook-signature'));
    $this->assertSame('user.created', $this->body(0)['type']);
    $this->assertSame(['uuid' => $ada->uuid(), 'sequence' => 1], $this->body(0)['data']);
    $this->assertSame([], $this->rows());
    $this->assertNotNull($this->state()->lastSuccess());
  }

  /**
   * Sending is part of the end of a request, and of a command such as drush.
   *
   * The front controller ends the request after it has sent the response (and
   * let go of the visitor, where PHP can), drush at the end of the command.
   */
  public function testSendsAsTheKernelEnds(): void {
    $this->newUser('ada');
    $this->answers(202);
    $kernel = $this->container->get('kernel');
    $this->assertInstanceOf(TerminableInterface::class, $kernel);
    $kernel->terminate(HttpRequest::create('/'), new HttpResponse());
    $this->assertCount(1, $this->received);
    $this->assertSame([], $this->rows());
    $this->newUser('bob');
    $transaction = $this->container->get('database')->startTransaction();
    $this->newUser('cleo');
    $transaction->rollBack();
    unset($transaction);
    $this->answers(202);
    $kernel->terminate(HttpRequest::create('/'), new HttpResponse());
    $this->assertCount(2, $this->received, 'A save that was taken back sends nothing.');
  }

  /**
   * A request in which no user was saved asks nobody.
   */
  public function testSendsNothingWhereNothingWasSaved(): void {
    $this->outbox()->record('7f3b5c1e-0000-4000-8000-000000000001', ChangeKind::Updated, NULL, FALSE);
    $this->endRequest();
    $this->assertSame([], $this->received);
  }

  /**
   * What cannot be sent stays, with its id, and an app that is down gets peace.
   */
  public function testKeepsEverythingWhileTheAppIsDown(): void {
    $this->newUser('ada');
    $this->newUser('bob');
    $this->app->append(new ConnectException('refused', new Request('POST', 'https://app.example')));
    $this->endRequest();
    $this->assertCount(1, $this->received, 'An app that is down is asked once, not once for each row.');
    $this->assertGreaterThan(time() + 3, $this->state()->heldUntil());

    $this->newUser('cleo');
    $this->endRequest();
    $this->assertCount(1, $this->received, 'The next change does not ask before the time.');
    $this->container->get(SiteHooks::class)->cron();
    $this->assertCount(1, $this->received, 'Nor does cron.');

    $this->answers(202, 202, 202);
    $this->assertSame(3, $this->dispatcher()->send(100, 10, TRUE), 'A person may.');
    $this->assertSame(
      $this->received[0]['request']->getHeaderLine('webhook-id'),
      $this->received[1]['request']->getHeaderLine('webhook-id'),
    );
    $this->assertSame((string) $this->received[0]['request']->getBody(), (string) $this->received[1]['request']->getBody());
    $this->assertSame([], $this->rows());
    $this->assertSame(0, $this->state()->heldUntil());
  }

  /**
   * Each failure makes the wait longer; a success ends it.
   */
  public function testWaitsLongerAfterEachFault(): void {
    $this->newUser('ada');
    $waits = [];
    for ($i = 0; $i < 4; $i++) {
      $this->answers(500);
      $this->dispatcher()->send(100, 10, TRUE);
      $waits[] = $this->state()->heldUntil() - time();
    }
    $sorted = $waits;
    sort($sorted);
    $this->assertSame($sorted, $waits);
    $this->assertGreaterThan(300, end($waits));
  }

  /**
   * What the app refuses does not hold up the others.
   */
  public function testLetsOthersPassRefusedRow(): void {
    $ada = $this->newUser('ada');
    $this->newUser('bob');
    $this->answers(400, 202);
    $this->endRequest();
    $rows = $this->rows();
    $this->assertSame([$ada->uuid()], array_keys($rows));
    $this->assertSame('1', (string) $rows[$ada->uuid()]->attempts);
    $this->assertGreaterThan(time(), (int) $rows[$ada->uuid()]->next_attempt);
    $this->dispatcher()->send(100, 10);
    $this->assertCount(2, $this->received);

    $ada->setEmail('ada@example.com')->save();
    $this->answers(202);
    $this->endRequest();
    $this->assertSame([], $this->rows(), 'New content is tried at once.');
  }

  /**
   * The answers 401 and 410 stop everything until an administrator resumes it.
   *
   * @dataProvider stops
   */
  public function testPausesWhatOnlyPeopleCanMend(int $status, string $reason): void {
    $this->newUser('ada');
    $this->answers($status);
    $this->endRequest();
    $this->assertSame($reason, $this->state()->pause()['reason']);
    $this->newUser('bob');
    $this->endRequest();
    $this->assertSame(0, $this->dispatcher()->send(100, 10));
    $this->assertCount(1, $this->received);
    $this->assertCount(2, $this->rows());

    $this->state()->resume();
    $this->answers(202, 202);
    $this->assertSame(2, $this->dispatcher()->send(100, 10));
  }

  /**
   * Statuses that stop sending.
   */
  public static function stops(): array {
    return [[401, 'unauthorized'], [410, 'gone']];
  }

  /**
   * A change that comes while the app answers is sent by itself.
   */
  public function testKeepsRowThatChangedWhileSent(): void {
    $ada = $this->newUser('ada');
    $this->app->append(function () use ($ada): Response {
      $ada->setEmail('ada@example.com')->save();
      $this->assertNull($this->claim(), 'Nobody else may send the row meanwhile.');
      return new Response(202);
    });
    $this->answers(202);
    $this->endRequest();
    $this->assertCount(2, $this->received);
    $this->assertGreaterThan($this->body(0)['data']['sequence'], $this->body(1)['data']['sequence']);
    $this->assertSame([], $this->rows());
  }

  /**
   * A save in the midst of giving back a row does not keep the user waiting.
   */
  public function testFreesRowThatChangesAsItIsFreed(): void {
    $ada = $this->newUser('ada');
    $sent = $this->claim();
    $ada->setEmail('first@example.com')->save();
    $database = $this->container->get('database');
    $database->enableEvents([StatementExecutionStartEvent::class, StatementExecutionEndEvent::class]);
    $isOver = FALSE;
    $this->container->get('event_dispatcher')->addListener(
      StatementExecutionEndEvent::class,
      function (StatementExecutionEndEvent $event) use ($ada, &$isOver): void {
        if (!$isOver && str_contains($event->queryString, 'entra_user_sync_outbox') && str_contains($event->queryString, 'SELECT')) {
          $isOver = TRUE;
          $ada->setEmail('second@example.com')->save();
        }
      },
    );
    $this->outbox()->confirm($sent);
    $database->disableEvents([StatementExecutionStartEvent::class, StatementExecutionEndEvent::class]);
    $this->assertTrue($isOver);
    $this->assertSame($ada->uuid(), $this->claim()?->uuid);
  }

  /**
   * Two processes never have the same row, and one that died loses it.
   */
  public function testGivesEachRowToOneProcess(): void {
    $this->newUser('ada');
    $this->newUser('bob');
    $first = $this->claim();
    $second = $this->claim();
    $this->assertNotNull($first);
    $this->assertNotNull($second);
    $this->assertNotSame($first->uuid, $second->uuid);
    $this->assertNull($this->claim());

    $this->change(['lease_until' => time() - 1]);
    $this->assertNull($this->claim(), 'What may have ended a process waits.');
    $this->change(['next_attempt' => 0]);
    $this->assertSame($first->uuid, $this->claim()?->uuid);
    $this->outbox()->confirm($first);
    $this->assertCount(2, $this->rows(), 'Whoever lost the lease removes nothing.');
  }

  /**
   * A row that ends each process which sends it holds up no other.
   */
  public function testLetsOthersPassRowThatEndsProcesses(): void {
    $ada = $this->newUser('ada');
    $waits = [];
    for ($i = 0; $i < 3; $i++) {
      // One more process takes it and is never seen again.
      $this->assertSame($ada->uuid(), $this->claim()?->uuid);
      $this->change(['lease_until' => time() - 1]);
      $name = "other$i";
      $this->newUser($name);
      $this->answers(202);
      $this->dispatcher()->send(100, 10);
      $this->assertSame([$ada->uuid()], array_keys($this->rows()), 'Only the others are sent.');
      $row = $this->rows()[$ada->uuid()];
      $this->assertSame((string) ($i + 1), (string) $row->attempts);
      $waits[] = $row->next_attempt - time();
      $this->change(['next_attempt' => 0]);
    }
    $this->assertGreaterThan(75, end($waits));
  }

  /**
   * However many rows the app refuses, new ones are sent before them.
   */
  public function testPutsRefusedRowsBehindOthers(): void {
    for ($i = 0; $i < 25; $i++) {
      $this->newUser("refused$i");
    }
    $this->change(['attempts' => 1]);
    $bob = $this->newUser('bob');
    $this->answers(202, ...array_fill(0, 19, 400));
    $this->endRequest();
    $this->assertSame($bob->uuid(), $this->body(0)['data']['uuid']);
  }

  /**
   * A person's pause stops a run that has begun, and stays the person's.
   */
  public function testHeedsPauseOfAnotherProcess(): void {
    $this->newUser('ada');
    $this->newUser('bob');
    $this->newUser('cleo');
    $elsewhere = new DeliveryState($this->container->get('keyvalue'), $this->container->get('datetime.time'));
    $this->assertNull($this->state()->pause());
    $this->answers(202);
    $this->app->append(function () use ($elsewhere): Response {
      $elsewhere->pauseFor('person');
      return new Response(401);
    });
    $this->assertSame(1, $this->dispatcher()->send(100, 10));
    $this->assertSame('person', $this->state()->pause()['reason']);
    $elsewhere->resume();
    $this->assertNull($this->state()->pause());
    $this->app->append(function () use ($elsewhere): Response {
      $elsewhere->pauseFor('person');
      return new Response(202);
    });
    $this->assertSame(1, $this->dispatcher()->send(100, 10), 'The next row is not sent.');
    $this->assertCount(1, $this->rows());
    $elsewhere->forget();
    $this->assertSame([NULL, NULL, NULL, 0], [
      $this->state()->pause(),
      $this->state()->lastSuccess(),
      $this->state()->lastFailure(),
      $this->state()->heldUntil(),
    ]);
  }

  /**
   * One process sends, and others leave; what they have is sent all the same.
   */
  public function testSendsInOneProcessAtTime(): void {
    [$first, $second] = [$this->newProcess(), $this->newProcess()];
    $this->newUser('ada');
    $this->newUser('bob');
    $this->app->append(function () use ($second): Response {
      $this->newUser('cleo');
      $this->assertSame(0, $second->send(100, 10));
      return new Response(202);
    });
    $this->answers(202, 202);
    $this->assertSame(3, $first->send(100, 10));
    $this->assertSame([], $this->rows());
    $this->newUser('dora');
    $this->answers(202);
    $this->assertSame(1, $second->send(100, 10), 'The lock was given back.');
  }

  /**
   * What is saved between the last look and the end of the lock is sent.
   */
  public function testOverlooksNothingAsItEnds(): void {
    $second = $this->newProcess();
    $first = $this->newProcess(new class($this->container->get('database'), function () use ($second): void {
      $this->newUser('late');
      $this->assertSame(0, $second->send(100, 10));
    }) extends DatabaseLockBackend {

      public function __construct(Connection $database, private ?\Closure $last) {
        parent::__construct($database);
      }

      /**
       * {@inheritdoc}
       */
      public function release($name): void {
        // Nothing was due any more, and the lock is still held.
        [$last, $this->last] = [$this->last, NULL];
        $last?->__invoke();
        parent::release($name);
      }

    });
    $this->newUser('ada');
    $this->answers(202, 202);
    $this->assertSame(2, $first->send(100, 10));
    $this->assertSame([], $this->rows());
  }

  /**
   * The lock of a process that died ends, and one that lost it stops.
   */
  public function testTakesLockOfProcessThatDied(): void {
    $dead = new DatabaseLockBackend($this->container->get('database'));
    $this->assertTrue($dead->acquire('entra_user_sync.send', 30));
    $this->newUser('ada');
    $process = $this->newProcess();
    $this->assertSame(0, $process->send(100, 10));
    $past = fn () => $this->container->get('database')->update('semaphore')->fields(['expire' => microtime(TRUE) - 1])->execute();
    $past();
    $this->newUser('bob');
    $this->app->append(function () use ($past): Response {
      $past();
      $this->assertTrue((new DatabaseLockBackend($this->container->get('database')))->acquire('entra_user_sync.send', 30));
      return new Response(202);
    });
    $this->assertSame(1, $process->send(100, 10), 'It stops as another has begun.');
    $this->assertCount(1, $this->rows());
    $this->assertSame(0, $this->newProcess()->send(100, 10), 'It does not give back the lock of another.');
  }

  /**
   * Without an address or a secret changes wait.
   */
  public function testWaitsUntilItIsSetUp(): void {
    $this->config('entra_user_sync.settings')->set('address', '')->save();
    $this->newUser('ada');
    $this->endRequest();
    $this->assertSame([], $this->received);
    $this->assertCount(1, $this->rows());
  }

  /**
   * Changes columns of all rows, as time would.
   */
  private function change(array $fields): void {
    $this->container->get('database')->update('entra_user_sync_outbox')->fields($fields)->execute();
  }

  /**
   * The dispatcher of another process.
   */
  private function newProcess(?LockBackendInterface $lock = NULL): Dispatcher {
    return new Dispatcher(
      $this->outbox(),
      $this->state(),
      $this->container->get(Webhook::class),
      $this->container->get('database'),
      $this->container->get('datetime.time'),
      $lock ?? new DatabaseLockBackend($this->container->get('database')),
      new NullLogger(),
    );
  }

  /**
   * How sending goes.
   */
  private function state(): DeliveryState {
    return $this->container->get(DeliveryState::class);
  }

}
