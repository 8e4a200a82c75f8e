<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

/**
 * Signs as Standard Webhooks prescribe.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
final class Signature {

  /**
   * The value of the webhook-signature header.
   *
   * @param string[] $keys
   *   The bytes of each secret. While a secret is replaced there are two, and
   *   both sign: the receiver accepts whichever it knows.
   * @param string $id
   *   The webhook-id.
   * @param int $timestamp
   *   Unix time of this try.
   * @param string $body
   *   The bytes of the body.
   */
  public static function of(array $keys, string $id, int $timestamp, string $body): string {
    $signatures = array_map(
      fn (string $key): string => 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, TRUE)),
      $keys,
    );
    return implode(' ', $signatures);
  }

}
