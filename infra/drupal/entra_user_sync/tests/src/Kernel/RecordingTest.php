<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Database\Database;
use Drupal\Core\Database\Event\StatementExecutionEndEvent;
use Drupal\Core\Database\Event\StatementExecutionStartEvent;
use Drupal\Core\DrupalKernelInterface;
use Drupal\Core\Session\UserSession;
use Drupal\entra_user_sync\Hook\UserHooks;
use Drupal\user\Entity\Role;
use Drupal\user\Entity\User;
use Drupal\user\UserInterface;

/**
 * Tests what saves leave in the outbox.
 *
 * @group entra_user_sync
 */
class RecordingTest extends OutboxKernelTestBase {

  /**
   * A user has one row, with a number that only grows.
   */
  public function testKeepsOneRowForEachUser(): void {
    $ada = $this->newUser('ada');
    $first = $this->rows()[$ada->uuid()];
    $this->assertSame('created', $first->kind);
    $bob = $this->newUser('bob');
    $ada->setEmail('ada@example.com')->save();
    $rows = $this->rows();
    $this->assertCount(2, $rows);
    $this->assertSame('created', $rows[$ada->uuid()]->kind);
    $this->assertGreaterThan($rows[$bob->uuid()]->sequence, $rows[$ada->uuid()]->sequence);
    $this->assertNotSame($first->message_id, $rows[$ada->uuid()]->message_id);
  }

  /**
   * Whatever core takes for a UUID has room: a save must not fail for it.
   */
  public function testHasRoomForWhateverIsAnUuid(): void {
    $longest = $this->container->get('entity_field.manager')->getBaseFieldDefinitions('user')['uuid']->getSetting('max_length');
    $fields = entra_user_sync_schema()['entra_user_sync_outbox']['fields'];
    $this->assertSame([$longest, $longest], [$fields['uuid']['length'], $fields['actor']['length']]);
    $uuid = str_repeat('u', $longest);
    User::create(['name' => 'ada', 'uuid' => $uuid])->save();
    $this->assertArrayHasKey($uuid, $this->rows());
  }

  /**
   * An import pays one statement for each user, and keeps nothing in memory.
   */
  public function testPaysOneStatementForNewUser(): void {
    Database::startLog('saves');
    $ada = $this->newUser('ada');
    $statements = array_filter(
      array_column(Database::getLog('saves'), 'query'),
      fn (string $query): bool => str_contains($query, 'entra_user_sync_outbox'),
    );
    $this->assertCount(1, $statements);
    $this->assertStringStartsWith('INSERT', reset($statements));

    $hooks = $this->container->get(UserHooks::class);
    $save = function (int $times) use ($hooks, $ada): void {
      for ($i = 0; $i < $times; $i++) {
        // An import may switch to the author of each thing that it saves.
        $this->container->get('current_user')->setAccount(new UserSession(['uid' => 1000 + $i]));
        $hooks->userInsert($ada);
      }
    };
    $transaction = $this->container->get('database')->startTransaction();
    $save(100);
    $before = memory_get_usage();
    $save(1000);
    $this->assertLessThan(20000, memory_get_usage() - $before);
    unset($transaction);
  }

  /**
   * Whoever comes and goes before the app can hear of it leaves nothing.
   */
  public function testForgetsWhoCameAndWent(): void {
    $ada = $this->newUser('ada');
    $ada->delete();
    $this->assertSame([], $this->rows());
  }

  /**
   * A delete keeps the UUID of who is gone, once the app may know of the user.
   */
  public function testKeepsTheUuidOfWhoIsDeleted(): void {
    $ada = $this->newUser('ada');
    $this->assertNotNull($this->claim());
    $ada->delete();
    $this->assertSame('deleted', $this->rows()[$ada->uuid()]->kind);
  }

  /**
   * A UUID that goes and comes back is told of once, as it is at the end.
   *
   * @dataProvider offers
   */
  public function testTellsOfUuidThatComesBackInOrder(bool $isOffered): void {
    $ada = $this->newUser('ada');
    $this->answers(202);
    $this->endRequest();
    $ada->delete();
    $deleted = $this->sequences();
    if ($isOffered) {
      // The app refuses the delete, and would be asked again a minute later.
      $this->answers(400);
      $this->endRequest();
    }
    $this->comeBack($ada);
    $this->answers(202);
    $this->endRequest();
    $told = $this->body(count($this->received) - 1);
    $this->assertSame('user.created', $told['type']);
    $this->assertGreaterThan($deleted[0], $told['data']['sequence']);
    $this->assertSame([], $this->sequences(), 'Nothing older is left that could be told later.');
  }

  /**
   * Whether the app was asked before.
   */
  public static function offers(): array {
    return ['the delete was not offered' => [FALSE], 'the delete was refused' => [TRUE]];
  }

  /**
   * Whoever the app knows is told of as deleted, though they came back between.
   */
  public function testTellsOfTheEndOfWhoCameBack(): void {
    $ada = $this->newUser('ada');
    $this->answers(202);
    $this->endRequest();
    $ada->delete();
    $again = $this->comeBack($ada);
    $this->assertCount(2, $this->sequences());
    $again->setEmail('ada@example.com')->save();
    $this->assertCount(1, $this->sequences());
    $again->delete();
    $this->answers(202);
    $this->endRequest();
    $this->assertCount(2, $this->received);
    $this->assertSame('user.deleted', $this->body(1)['type']);
  }

  /**
   * A delete that is being sent when the UUID comes back is told of first.
   */
  public function testWaitsForDeleteThatIsBeingSent(): void {
    $ada = $this->newUser('ada');
    $this->answers(202);
    $this->endRequest();
    $ada->delete();
    $sent = $this->claim();
    $this->assertNotNull($sent);
    $this->comeBack($ada);
    $this->assertNull($this->claim(), 'Two processes do not tell of one user at once.');
    $this->outbox()->confirm($sent);
    $this->assertCount(1, $this->sequences());
  }

  /**
   * Two saves that met leave two rows: the newest is told, as a person's.
   */
  public function testTellsTheNewestOfTwoRows(): void {
    $uuid = '7f3b5c1e-0000-4000-8000-000000000001';
    $row = ['uuid' => $uuid, 'kind' => 'updated', 'recorded' => 1];
    $insert = $this->container->get('database')->insert('entra_user_sync_outbox');
    $insert->fields(['uuid', 'kind', 'recorded', 'message_id', 'own', 'actor'])
      ->values($row + ['message_id' => 'a', 'own' => 0, 'actor' => 'person'])
      ->values($row + ['message_id' => 'b', 'own' => 1, 'actor' => 'app'])
      ->execute();
    $told = $this->claim();
    $this->assertSame('b', $told->messageId);
    $this->assertSame('person', $told->actor);
    $this->assertSame([$told->sequence], $this->sequences());
    $this->assertSame('0', (string) $this->rows()[$uuid]->own);
  }

  /**
   * A save that is rolled back leaves nothing and sends nothing.
   */
  public function testSendsNothingOfRolledBackSave(): void {
    $transaction = $this->container->get('database')->startTransaction();
    $this->newUser('ada');
    $this->assertCount(1, $this->rows());
    $transaction->rollBack();
    unset($transaction);
    $this->endRequest();
    $this->assertSame([], $this->rows());
    $this->assertSame([], $this->received);
  }

  /**
   * Nothing is sent while a transaction is open: it may yet be rolled back.
   */
  public function testSendsNothingInsideTransaction(): void {
    $transaction = $this->container->get('database')->startTransaction();
    $this->newUser('ada');
    $this->endRequest();
    $this->assertSame([], $this->received);
    unset($transaction);
    $this->answers(202);
    $this->endRequest();
    $this->assertCount(1, $this->received);
  }

  /**
   * The app's own changes are not sent back to it.
   */
  public function testLeavesOutWhatTheAppDid(): void {
    Role::create(['id' => 'entra_user_sync', 'label' => 'Sync'])->save();
    $sync = $this->newUser('someone');
    $sync->addRole('entra_user_sync')->save();
    $this->answers(202);
    $this->endRequest();
    $person = $this->newUser('person');
    $this->answers(202);
    $this->endRequest();
    $this->assertSame([], $this->rows());

    $this->setCurrentUser($sync);
    $person->setEmail('p@example.com')->save();
    $this->assertSame([], $this->rows());

    $this->config('entra_user_sync.settings')->set('send_own_changes', TRUE)->save();
    $person->setEmail('q@example.com')->save();
    $row = $this->rows()[$person->uuid()];
    $this->assertSame('1', (string) $row->own);
    $this->assertSame($sync->uuid(), $row->actor);
  }

  /**
   * Whoever has the app's name is the app, in any case of letters.
   *
   * @dataProvider names
   */
  public function testKnowsTheAppByName(string $own, string $name, bool $isApp): void {
    $this->config('entra_user_sync.settings')->set('account', $own)->set('role', '')->save();
    $this->newUser($name);
    $this->assertCount($isApp ? 0 : 1, $this->rows());
  }

  /**
   * A name is anybody's to register: where there is a role, it does not suffice.
   */
  public function testIsNotDeceivedByTheName(): void {
    $this->config('entra_user_sync.settings')->set('account', 'sync')->set('role', 'entra_user_sync')->save();
    // Takes uid 1, who may do everything.
    $this->newUser('root');
    $this->container->get('database')->truncate('entra_user_sync_outbox')->execute();
    $squatter = $this->newUser('sync');
    $this->assertCount(1, $this->rows());
    Role::create(['id' => 'entra_user_sync', 'label' => 'Sync'])->save();
    $app = $this->newUser('another');
    $app->addRole('entra_user_sync');
    $app->save();
    $this->setCurrentUser($app);
    $this->newUser('made by the app');
    $this->setCurrentUser($squatter);
    $made = $this->newUser('made by the squatter');
    $this->assertArrayHasKey($made->uuid(), $this->rows());
    $this->assertCount(3, $this->rows(), 'Told are the squatter, the account before it was the app, and whom the squatter made.');
  }

  /**
   * An account of the administrators' own has its right by another role.
   */
  public function testKnowsTheAppByNameAndRight(): void {
    $this->newUser('root');
    Role::create(['id' => 'service', 'label' => 'Service', 'permissions' => ['administer users']])->save();
    $app = User::create(['name' => 'Entra-User-Sync', 'status' => 1, 'roles' => ['service']]);
    $app->save();
    $editor = $this->newUser('editor');
    $this->assertArrayNotHasKey($app->uuid(), $this->rows());
    $this->setCurrentUser($editor);
    $ada = $this->newUser('ada');
    $this->setCurrentUser($app);
    $this->newUser('made by the app');
    $this->assertCount(3, $this->rows());
    $this->config('entra_user_sync.settings')->set('send_own_changes', TRUE)->save();
    $ada->setEmail('ada@example.com')->save();
    $row = $this->rows()[$ada->uuid()];
    $this->assertSame(['0', $editor->uuid()], [(string) $row->own, $row->actor], 'The change of a person is not the app’s.');
  }

  /**
   * The name in the settings, the name of an account, whether it is the app.
   */
  public static function names(): array {
    return [
      'the same' => ['sync', 'sync', TRUE],
      'in capitals' => ['sync', 'SYNC', TRUE],
      'in capitals beyond ASCII' => ['übertrag', 'ÜBERTRAG', TRUE],
      'another' => ['sync', 'synchrony', FALSE],
      'none is set' => ['', 'sync', FALSE],
    ];
  }

  /**
   * Who did it: nobody, somebody else, or the user themselves.
   */
  public function testNamesWhoDidIt(): void {
    $ada = $this->newUser('ada');
    $this->assertNull($this->rows()[$ada->uuid()]->actor, 'Who registers is nobody yet.');
    $this->answers(202);
    $this->endRequest();
    $this->setCurrentUser($ada);
    $ada->setEmail('ada@example.com')->save();
    $this->assertSame($ada->uuid(), $this->rows()[$ada->uuid()]->actor);
    $bob = $this->newUser('bob');
    $this->assertSame($ada->uuid(), $this->rows()[$bob->uuid()]->actor);
    $this->answers(202, 202);
    $this->endRequest();
    $this->setCurrentUser($bob);
    $bob->delete();
    $row = $this->rows()[$bob->uuid()];
    $this->assertSame(['deleted', $bob->uuid()], [$row->kind, $row->actor], 'Whoever deletes themselves cannot be loaded any more.');
  }

  /**
   * Every way to cancel an account is told of.
   *
   * @dataProvider cancelMethods
   */
  public function testNotesCancelledAccounts(string $method, string $kind): void {
    $editor = $this->newUser('editor');
    $this->setCurrentUser($editor);
    $ada = $this->newUser('ada');
    $this->answers(202, 202);
    $this->endRequest();
    user_cancel(['user_cancel_notify' => FALSE], $ada->id(), $method);
    $batch = &batch_get();
    $batch['progressive'] = FALSE;
    batch_process();
    $row = $this->rows()[$ada->uuid()];
    $this->assertSame([$kind, $editor->uuid()], [$row->kind, $row->actor]);
  }

  /**
   * Methods of core, and what is told.
   */
  public static function cancelMethods(): array {
    return [
      'blocked' => ['user_cancel_block', 'updated'],
      'blocked, and content unpublished' => ['user_cancel_block_unpublish', 'updated'],
      'deleted, and content kept' => ['user_cancel_reassign', 'deleted'],
      'deleted' => ['user_cancel_delete', 'deleted'],
    ];
  }

  /**
   * The first account is told of, nobody (uid 0) is not, nor the app.
   */
  public function testLeavesOutNobodyAndTheApp(): void {
    User::create(['uid' => 0, 'name' => '', 'status' => 0])->save();
    User::load(0)->save();
    $app = $this->newUser('entra-user-sync');
    $app->setEmail('app@example.com')->save();
    $app->delete();
    $this->assertSame([], $this->rows());
    $first = User::create(['uid' => 1, 'name' => 'root', 'status' => 1]);
    $first->save();
    $this->assertSame([$first->uuid()], array_keys($this->rows()));
  }

  /**
   * A save that changes nothing is told of: what it means, the app decides.
   */
  public function testNotesSaveWithoutChange(): void {
    $ada = $this->newUser('ada');
    $this->answers(202);
    $this->endRequest();
    $ada->save();
    $this->assertSame('updated', $this->rows()[$ada->uuid()]->kind);
  }

  /**
   * A person's change that waits stays a person's when the app saves, too.
   */
  public function testKeepsChangeOfPersonWhenTheAppSavesToo(): void {
    $this->config('entra_user_sync.settings')->set('send_own_changes', TRUE)->save();
    Role::create(['id' => 'entra_user_sync', 'label' => 'Sync'])->save();
    $sync = $this->newUser('someone');
    $sync->addRole('entra_user_sync')->save();
    $editor = $this->newUser('editor');
    $this->setCurrentUser($editor);
    $ada = $this->newUser('ada');
    $this->setCurrentUser($sync);
    $ada->setEmail('ada@example.com')->save();
    $row = $this->rows()[$ada->uuid()];
    $this->assertSame('0', (string) $row->own);
    $this->assertSame($editor->uuid(), $row->actor);
  }

  /**
   * Makes a user anew with the same UUID, as a restore or the app does.
   */
  private function comeBack(UserInterface $user): UserInterface {
    $again = User::create(['name' => $user->getAccountName(), 'uuid' => $user->uuid(), 'status' => 1]);
    $again->save();
    return $again;
  }

  /**
   * Sequences of all rows.
   *
   * @return int[]
   *   The oldest first.
   */
  private function sequences(): array {
    return array_map(intval(...), $this->container->get('database')
      ->query('SELECT [sequence] FROM {entra_user_sync_outbox} ORDER BY [sequence]')
      ->fetchCol());
  }

  /**
   * Core takes a deleted role from its users without saving them.
   */
  public function testNotesUsersOfDeletedRole(): void {
    [$ada] = $this->makeEditors();
    Role::load('editor')->delete();
    $this->assertSame([$ada->uuid()], array_keys($this->rows()));
    $this->answers(202);
    $this->endRequest();
    $this->assertSame('user.updated', $this->body(0)['type']);
    $this->assertMatchesRegularExpression('/^[A-Za-z0-9_-]{1,40}$/', $this->received[0]['request']->getHeaderLine('webhook-id'));
    $this->assertSame([], $this->rows());
  }

  /**
   * Whoever merely has the app's name is told of, as with a save.
   *
   * @dataProvider namesakes
   */
  public function testNotesNamesakeOfAppWhenRoleIsDeleted(string $ownRole, array $roles, bool $isApp): void {
    $this->newUser('root');
    $this->config('entra_user_sync.settings')->set('role', $ownRole)->save();
    foreach (['editor' => [], 'admins' => ['administer users'], 'service' => ['administer users']] as $id => $permissions) {
      Role::create(['id' => $id, 'label' => $id, 'permissions' => $permissions])->save();
    }
    $account = User::create(['name' => 'Entra-User-Sync', 'status' => 1, 'roles' => $roles]);
    $account->save();
    $this->container->get('database')->truncate('entra_user_sync_outbox')->execute();
    Role::load($roles[0])->delete();
    $this->assertCount($isApp ? 0 : 1, $this->rows());
  }

  /**
   * The role in the settings, roles of who has the name, whether it is the app.
   *
   * The first of their roles is deleted.
   */
  public static function namesakes(): array {
    return [
      'the name alone' => ['entra_user_sync', ['editor'], FALSE],
      'with the right' => ['entra_user_sync', ['editor', 'service'], TRUE],
      'with the right of the role that goes' => ['entra_user_sync', ['admins'], FALSE],
      'the role of the settings goes' => ['service', ['service'], FALSE],
      'it goes, and another gives the right' => ['service', ['service', 'admins'], TRUE],
      'the settings name no role' => ['', ['editor'], TRUE],
    ];
  }

  /**
   * Nobody is told of before core has taken the role away.
   */
  public function testTellsOfDeletedRoleOnlyWhenItIsGone(): void {
    [$ada] = $this->makeEditors();
    $ada->setEmail('ada@example.com')->save();
    $role = Role::load('editor');
    $hooks = $this->container->get(UserHooks::class);
    $hooks->userRolePredelete($role);
    $this->assertNull($this->claim(), 'The app would see the old roles.');
    $hooks->userRoleDelete($role);
    $this->assertSame('updated', $this->claim()?->kind->value);
  }

  /**
   * Our hook comes after the one that takes the role away.
   */
  public function testRunsAfterTheUserModule(): void {
    $this->makeEditors();
    $order = [];
    $this->container->get('module_handler')->invokeAllWith('user_role_delete', function ($hook, string $module) use (&$order): void {
      $order[] = $module;
    });
    $this->assertSame(['user', 'entra_user_sync'], $order);
  }

  /**
   * The container of before the new order is not the one of the next request.
   */
  public function testForgetsContainerWithTheOldOrder(): void {
    $kernel = $this->createMock(DrupalKernelInterface::class);
    $kernel->expects($this->once())->method('invalidateContainer');
    $this->container->set('kernel', $kernel);
    entra_user_sync_install();
  }

  /**
   * A save in the midst of letting go does not keep the user waiting.
   */
  public function testFreesRowOfDeletedRoleThatChangesMeanwhile(): void {
    [$ada] = $this->makeEditors();
    $role = Role::load('editor');
    $hooks = $this->container->get(UserHooks::class);
    $hooks->userRolePredelete($role);
    $database = $this->container->get('database');
    $database->enableEvents([StatementExecutionStartEvent::class, StatementExecutionEndEvent::class]);
    $isOver = FALSE;
    $this->container->get('event_dispatcher')->addListener(
      StatementExecutionEndEvent::class,
      function (StatementExecutionEndEvent $event) use ($ada, &$isOver): void {
        if (!$isOver && str_starts_with($event->queryString, 'SELECT') && str_contains($event->queryString, 'entra_user_sync_outbox')) {
          $isOver = TRUE;
          $ada->setEmail('ada@example.com')->save();
        }
      },
    );
    $hooks->userRoleDelete($role);
    $database->disableEvents([StatementExecutionStartEvent::class, StatementExecutionEndEvent::class]);
    $this->assertTrue($isOver);
    $this->assertSame($ada->uuid(), $this->claim()?->uuid);
  }

  /**
   * Rows that a process held back as it died are told of a little later.
   */
  public function testTellsOfDeletedRoleAfterDeath(): void {
    [$ada] = $this->makeEditors();
    $this->container->get(UserHooks::class)->userRolePredelete(Role::load('editor'));
    $change = fn (array $fields) => $this->container->get('database')->update('entra_user_sync_outbox')->fields($fields)->execute();
    $change(['lease_until' => time() - 1]);
    $this->assertNull($this->claim());
    $change(['next_attempt' => time() - 1]);
    $this->assertSame($ada->uuid(), $this->claim()?->uuid);
  }

  /**
   * What a transaction takes back was never held.
   */
  public function testForgetsDeletedRoleThatIsTakenBack(): void {
    $this->makeEditors();
    $transaction = $this->container->get('database')->startTransaction();
    Role::load('editor')->delete();
    $this->assertCount(1, $this->rows());
    $transaction->rollBack();
    unset($transaction);
    $this->endRequest();
    $this->assertSame([], $this->rows());
    $this->assertSame([], $this->received);
  }

  /**
   * However many users had the role, the database notes them by itself.
   */
  public function testNotesUsersOfDeletedRoleAllAtOnce(): void {
    $this->makeEditors();
    $database = $this->container->get('database');
    $users = $database->insert('users')->fields(['uid', 'uuid', 'langcode']);
    $roles = $database->insert('user__roles');
    $roles->fields(['bundle', 'entity_id', 'revision_id', 'langcode', 'delta', 'roles_target_id']);
    for ($uid = 1001; $uid <= 3000; $uid++) {
      $users->values([$uid, sprintf('7f3b5c1e-0000-4000-8000-%012d', $uid), 'en']);
      $roles->values(['user', $uid, $uid, 'en', 0, 'editor']);
    }
    $users->execute();
    $roles->execute();
    unset($users, $roles);
    $role = Role::load('editor');
    $hooks = $this->container->get(UserHooks::class);
    $hooks->userRolePredelete($role);
    $hooks->userRoleDelete($role);
    $this->assertCount(2001, $this->rows());
    $this->assertCount(2001, array_unique(array_column($this->rows(), 'message_id')));
    Database::startLog('role');
    $hooks->userRolePredelete($role);
    $hooks->userRoleDelete($role);
    $this->assertLessThan(20, count(Database::getLog('role')), 'Not a statement for each user.');
  }

  /**
   * A user with the role "editor", one without, and the app; nothing waits.
   *
   * @return \Drupal\user\UserInterface[]
   *   The three.
   */
  private function makeEditors(): array {
    Role::create(['id' => 'editor', 'label' => 'Editor'])->save();
    Role::create(['id' => 'entra_user_sync', 'label' => 'Sync'])->save();
    [$ada, $bob, $app] = [$this->newUser('ada'), $this->newUser('bob'), $this->newUser('Entra-User-Sync')];
    $ada->addRole('editor')->save();
    $app->addRole('editor')->addRole('entra_user_sync')->save();
    $this->container->get('database')->truncate('entra_user_sync_outbox')->execute();
    return [$ada, $bob, $app];
  }

}
