<?php

/**
 * @file
 * What a test asks of the throw-away site, beside what its own doors give.
 *
 * Run as: php site.php <docroot> <command> <JSON of the arguments>. Answers one
 * line of JSON. Only a site that says in its settings.php that it may be thrown
 * away is touched: $settings['entra_user_sync_tests'] = 'throw away';
 */

declare(strict_types=1);

use Drupal\Core\Database\Database;
use Drupal\Core\DrupalKernel;
use Drupal\Core\Site\Settings;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Setup\SitePreparation;
use Drupal\field\Entity\FieldConfig;
use Drupal\field\Entity\FieldStorageConfig;
use Drupal\file\Entity\File;
use Drupal\taxonomy\Entity\Term;
use Drupal\taxonomy\Entity\Vocabulary;
use Drupal\user\Entity\Role;
use Drupal\user\Entity\User;
use Symfony\Component\HttpFoundation\Request;

/** Modules that the simulated site has, too. */
const MODULES = ['entra_user_sync', 'jsonapi', 'basic_auth', 'datetime', 'telephone', 'options', 'taxonomy', 'image'];

/** Fields of the simulated site (infra/local/drupal/seeded-site.ts). */
const FIELDS = [
  'field_department' => ['string', 'Department'],
  'field_first_name' => ['string', 'First name'],
  'field_last_name' => ['string', 'Last name'],
  'field_employee_number' => ['integer', 'Employee number', [], ['min' => 1, 'max' => 9999999]],
  'field_newsletter' => ['boolean', 'Newsletter'],
  'field_office' => ['list_string', 'Office', ['allowed_values' => ['hq' => 'hq', 'branch' => 'branch', 'home' => 'home']]],
  'field_start_date' => ['datetime', 'Start date', ['datetime_type' => 'date']],
  'field_phone' => ['telephone', 'Phone'],
  'field_team' => [
    'entity_reference',
    'Team',
    ['target_type' => 'taxonomy_term'],
    ['handler_settings' => ['target_bundles' => ['teams' => 'teams']]],
  ],
  'field_manager' => ['entity_reference', 'Manager', ['target_type' => 'user']],
];

const ROLES = ['content_editor' => 'Content editor', 'editor_role' => 'Department editor'];

[, $docroot, $command, $arguments] = $argv + [3 => '{}'];
chdir($docroot);
$autoloader = require 'autoload.php';
$request = Request::createFromGlobals();
$kernel = DrupalKernel::createFromRequest($request, $autoloader, 'prod');
$kernel->boot();
$kernel->preHandle($request);
if (Settings::get('entra_user_sync_tests') !== 'throw away') {
  fwrite(STDERR, "This site is not to be thrown away: its settings.php lacks \$settings['entra_user_sync_tests'] = 'throw away';\n");
  exit(3);
}

/** Clears what caches and processes remember of users. */
function forget_users(): void {
  \Drupal::entityTypeManager()->getStorage('user')->resetCache();
  \Drupal\Core\Cache\Cache::invalidateTags(['user_list', 'file_list']);
  \Drupal::cache('entity')->deleteAll();
}

/** Tables that hold a row of a user, and the column that tells whose. */
function user_tables(): array {
  $tables = ['users' => 'uid', 'users_field_data' => 'uid', 'users_data' => 'uid'];
  foreach (\Drupal::entityTypeManager()->getStorage('user')->getTableMapping()->getDedicatedTableNames() as $table) {
    $tables[$table] = 'entity_id';
  }
  return array_filter($tables, fn (string $table): bool => Database::getConnection()->schema()->tableExists($table), ARRAY_FILTER_USE_KEY);
}

/** The uid of the account that the module has made. */
function service_uid(): int {
  $name = (string) \Drupal::config('entra_user_sync.settings')->get('account');
  $found = \Drupal::entityTypeManager()->getStorage('user')->loadByProperties(['name' => $name]);
  return $found === [] ? 0 : (int) reset($found)->id();
}

/** Makes the fields, roles and terms that the simulated site has. */
function complete_site(): void {
  // The module may have been put there a moment ago, or be another version.
  drupal_flush_all_caches();
  \Drupal::service('module_installer')->install(MODULES);
  // As on the site that the simulator was recorded from.
  FieldConfig::loadByName('user', 'user', 'user_picture')
    ->setSetting('max_filesize', '200 KB')
    ->setSetting('min_resolution', '48x48')
    ->setSetting('max_resolution', '1024x1024')
    ->setSetting('file_extensions', 'png gif jpg jpeg webp')
    ->save();
  if (Role::load('editor_role') !== NULL && Vocabulary::load('teams') !== NULL) {
    return;
  }
  if (Vocabulary::load('teams') === NULL) {
    Vocabulary::create(['vid' => 'teams', 'name' => 'Teams'])->save();
    foreach (['Apollo', 'Borealis', 'Cassini', 'Über uns'] as $team) {
      Term::create(['vid' => 'teams', 'name' => $team])->save();
    }
  }
  foreach (FIELDS as $name => $field) {
    [$type, $label, $storage, $settings] = $field + [2 => [], 3 => []];
    if (FieldStorageConfig::loadByName('user', $name) === NULL) {
      FieldStorageConfig::create(['entity_type' => 'user', 'field_name' => $name, 'type' => $type, 'settings' => $storage])->save();
    }
    if (FieldConfig::loadByName('user', 'user', $name) === NULL) {
      FieldConfig::create([
        'entity_type' => 'user',
        'bundle' => 'user',
        'field_name' => $name,
        'label' => $label,
        'settings' => $settings,
      ])->save();
      \Drupal::service('entity_display.repository')->getFormDisplay('user', 'user')->setComponent($name)->save();
    }
  }
  foreach (ROLES as $id => $label) {
    (Role::load($id) ?? Role::create(['id' => $id, 'label' => $label]))->save();
  }
  // JSON:API's routes depend on the fields.
  drupal_flush_all_caches();
}

/** Makes one of the people, as if they had signed in once. */
function make_person(array $person, int $at): void {
  User::create([
    'name' => $person['name'],
    'mail' => $person['mail'],
    'init' => $person['mail'],
    'status' => 1,
    'login' => $at,
    'access' => $at,
    'created' => $at,
    'changed' => $at,
    'timezone' => 'Europe/Berlin',
    'field_first_name' => $person['givenName'],
    'field_last_name' => $person['surname'],
    'field_department' => $person['department'],
  ])->save();
}

$commands = [
  // The site as a test finds it: people, and what the module printed.
  'begin' => function (array $in): array {
    complete_site();
    \Drupal::state()->set('system.maintenance_mode', FALSE);
    \Drupal::configFactory()->getEditable('entra_user_sync.settings')->set('address', '')->save();
    \Drupal::configFactory()->getEditable('user.settings')->set('cancel_method', 'user_cancel_block')->set('notify', [])->save();
    $connection = Database::getConnection();
    // Core makes this table when it is first written.
    if ($connection->schema()->tableExists('flood')) {
      $connection->delete('flood')->execute();
    }
    foreach (File::loadMultiple() as $file) {
      $file->delete();
    }
    foreach (user_tables() as $table => $column) {
      $connection->delete($table)->condition($column, [0, 1, service_uid()], 'NOT IN')->execute();
    }
    forget_users();
    $admin = User::load(1);
    $admin->setUsername('admin')->setPassword('admin')->setEmail('admin@contoso.example')->activate()->save();
    $settings = \Drupal::service(SitePreparation::class)->prepare($in['url']);
    $now = time();
    foreach ($in['people'] as $index => $person) {
      make_person($person, $now - 60 - intdiv(count($in['people']) - $index, 3));
    }
    $connection->delete('entra_user_sync_outbox')->execute();
    \Drupal::service(DeliveryState::class)->forget();
    return $settings;
  },
  // Where the module sends to; "" for nowhere. What waited is forgotten.
  'tell' => function (array $in): array {
    \Drupal::configFactory()->getEditable('entra_user_sync.settings')->set('address', $in['address'])->save();
    if ($in['forget']) {
      Database::getConnection()->delete('entra_user_sync_outbox')->execute();
    }
    \Drupal::service(DeliveryState::class)->resume();
    return [];
  },
  'control' => function (array $in): array {
    if (isset($in['down'])) {
      \Drupal::state()->set('system.maintenance_mode', $in['down']);
    }
    if (isset($in['cancelMethod'])) {
      \Drupal::configFactory()->getEditable('user.settings')->set('cancel_method', $in['cancelMethod'])->save();
    }
    return [];
  },
  'people' => function (): array {
    $rows = Database::getConnection()->query('SELECT d.uid, u.uuid, d.name, d.mail, f.field_department_value AS department
      FROM {users_field_data} d INNER JOIN {users} u ON u.uid = d.uid
      LEFT JOIN {user__field_department} f ON f.entity_id = d.uid
      WHERE d.uid > 1 AND d.uid <> :service ORDER BY d.uid', [':service' => service_uid()]);
    return array_map(fn ($row): array => ['uid' => (int) $row->uid] + (array) $row, $rows->fetchAll());
  },
  // As a restored backup would, without a word to anybody.
  'vanish' => function (array $in): array {
    $connection = Database::getConnection();
    $uids = $connection->select('users', 'u')->fields('u', ['uuid', 'uid'])->condition('uuid', $in['uuids'], 'IN')->execute()->fetchAllKeyed();
    $kept = [];
    foreach ($uids as $uuid => $uid) {
      foreach (user_tables() as $table => $column) {
        $kept[$uuid][$table] = $connection->select($table, 't')->fields('t')->condition($column, $uid)->execute()->fetchAll(\PDO::FETCH_ASSOC);
        $connection->delete($table)->condition($column, $uid)->execute();
      }
    }
    forget_users();
    return $kept;
  },
  'restore' => function (array $in): array {
    foreach ($in['tables'] as $table => $rows) {
      foreach ($rows as $row) {
        Database::getConnection()->insert($table)->fields($row)->execute();
      }
    }
    forget_users();
    return [];
  },
  'picture' => function (array $in): array {
    $user = \Drupal::service('entity.repository')->loadEntityByUuid('user', $in['uuid']);
    $file = $user?->get('user_picture')->entity;
    return $file === NULL ? [] : ['uuid' => $file->uuid(), 'bytes' => base64_encode(file_get_contents($file->getFileUri()))];
  },
  'file' => fn (array $in): array => ['is' => \Drupal::service('entity.repository')->loadEntityByUuid('file', $in['uuid']) !== NULL],
  'resume' => function (): array {
    \Drupal::service(DeliveryState::class)->resume();
    return [];
  },
  'outbox' => fn (): array => Database::getConnection()->select('entra_user_sync_outbox', 'o')->fields('o')->orderBy('sequence')->execute()->fetchAll(\PDO::FETCH_ASSOC),
  'cron' => function (): array {
    \Drupal::service('cron')->run();
    return [];
  },
  // Many saves in one process; "terminate" as the end of a request does.
  'save' => function (array $in) use ($kernel, $request): array {
    foreach ($in['uuids'] as $uuid) {
      \Drupal::service('entity.repository')->loadEntityByUuid('user', $uuid)->set('field_department', $in['department'])->save();
    }
    if ($in['terminate']) {
      $kernel->terminate($request, new \Symfony\Component\HttpFoundation\Response());
    }
    return [];
  },
  // A save whose transaction is rolled back, then the end of the request.
  'saveAndRollBack' => function (array $in) use ($kernel, $request): array {
    $transaction = Database::getConnection()->startTransaction();
    \Drupal::service('entity.repository')->loadEntityByUuid('user', $in['uuid'])->set('field_department', $in['department'])->save();
    $transaction->rollBack();
    unset($transaction);
    $kernel->terminate($request, new \Symfony\Component\HttpFoundation\Response());
    return [];
  },
  'deleteRole' => function (array $in) use ($kernel, $request): array {
    Role::load($in['role'])->delete();
    $kernel->terminate($request, new \Symfony\Component\HttpFoundation\Response());
    return [];
  },
  'makeRole' => function (array $in): array {
    (Role::load($in['role']) ?? Role::create(['id' => $in['role'], 'label' => $in['role']]))->save();
    foreach ($in['uuids'] as $uuid) {
      \Drupal::service('entity.repository')->loadEntityByUuid('user', $uuid)->addRole($in['role'])->save();
    }
    return [];
  },
  // A person who may do just this, beside what everybody may.
  'makeAccount' => function (array $in): array {
    $role = Role::load('tests_only') ?? Role::create(['id' => 'tests_only', 'label' => 'Tests only']);
    $role->set('permissions', $in['permissions'])->save();
    $user = User::create(['name' => $in['name'], 'pass' => $in['name'], 'mail' => $in['name'] . '@contoso.example', 'status' => 1]);
    $user->addRole('tests_only')->save();
    return ['uuid' => $user->uuid(), 'uid' => (int) $user->id()];
  },
];
if (!isset($commands[$command])) {
  fwrite(STDERR, "No such command: $command\n");
  exit(2);
}
echo json_encode($commands[$command](json_decode($arguments, TRUE, 64, JSON_THROW_ON_ERROR)), JSON_THROW_ON_ERROR), "\n";
