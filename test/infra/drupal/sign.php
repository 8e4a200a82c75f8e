<?php

/**
 * @file
 * Signs what it is given, with the module's own classes: a line of JSON each.
 */

declare(strict_types=1);

use Drupal\entra_user_sync\Delivery\ConsoleSignature;
use Drupal\entra_user_sync\Delivery\Signature;

spl_autoload_register(static function (string $class): void {
  require __DIR__ . '/../../../infra/drupal/entra_user_sync/src/' . str_replace('\\', '/', substr($class, strlen('Drupal\entra_user_sync\\'))) . '.php';
});

while (($line = fgets(STDIN)) !== FALSE) {
  $ask = json_decode($line, TRUE, 8, JSON_THROW_ON_ERROR);
  $keys = array_map(base64_decode(...), $ask['keys']);
  $body = base64_decode($ask['body']);
  echo json_encode([
    'webhook' => Signature::of($keys, $ask['id'], $ask['at'], $body),
    'console' => ConsoleSignature::of($keys, $ask['id'], $ask['at'], $ask['method'], $ask['target'], $body),
  ], JSON_THROW_ON_ERROR), "\n";
}
