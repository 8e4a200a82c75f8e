<?php

/**
 * @file
 * Lets PHPUnit run the module's unit tests where there is no Drupal.
 *
 * They are of classes that use nothing of Drupal. In a Drupal, its own bootstrap
 * runs them, with all the others (infra/drupal/entra_user_sync/README.md).
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
  $prefix = 'Drupal\\entra_user_sync\\';
  if (str_starts_with($class, $prefix)) {
    $path = str_replace('\\', '/', substr($class, strlen($prefix)));
    require dirname(__DIR__, 3) . "/infra/drupal/entra_user_sync/src/$path.php";
  }
});
class_alias(\PHPUnit\Framework\TestCase::class, 'Drupal\Tests\UnitTestCase');
