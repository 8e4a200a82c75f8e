<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

/**
 * Signs what the console asks: method, target and body.
 *
 * The key is derived from the secret, so that no signature of a delivery opens
 * the console, nor the reverse. The app's openapi.json tells the same.
 */
final class ConsoleSignature {

  /**
   * What the key is made of, beside the secret.
   */
  private const LABEL = 'drupal-entra-user-sync console v1';

  /**
   * The value of the webhook-signature header.
   *
   * @param string[] $secrets
   *   The bytes of each secret; all sign, as for deliveries.
   * @param string $id
   *   The webhook-id, new for each request: it serves once.
   * @param int $timestamp
   *   Unix time, at most 300 seconds from the app's clock.
   * @param string $method
   *   In upper case.
   * @param string $target
   *   Path and query just as they are sent, without scheme and host.
   * @param string $body
   *   The bytes of the body; empty where there is none.
   */
  public static function of(array $secrets, string $id, int $timestamp, string $method, string $target, string $body): string {
    $text = implode("\n", [$method, $target, hash('sha256', $body)]);
    return Signature::of(array_map(self::key(...), $secrets), $id, $timestamp, $text);
  }

  /**
   * The console's key of the bytes of a secret.
   */
  public static function key(string $secret): string {
    return hash_hmac('sha256', self::LABEL, $secret, TRUE);
  }

}
