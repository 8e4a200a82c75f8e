<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Delivery\ConsoleSignature;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\Tests\UnitTestCase;

/**
 * Tests that the console's questions are signed as the app expects.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Delivery\ConsoleSignature
 */
class ConsoleSignatureTest extends UnitTestCase {

  private const SECRET = 'whsec_YSBzZWNyZXQgZm9yIHRoZSBleGFtcGxlcyBvbmx5ISE=';
  private const KEY = 'o9BTEYFY3vVXywM4ZTtGfzDL9b37O5XSxPcGdmb+erw=';
  private const UUID = '57a4d554-400c-4bda-83f8-44d67f8d0801';

  /**
   * The app's own examples: test/contract/console-signatures.json.
   *
   * @covers ::of
   * @covers ::key
   *
   * @dataProvider examples
   */
  public function testSignsAsTheAppExpects(string $secret, string $key, string $id, int $timestamp, string $method, string $target, string $body, string $signature): void {
    $bytes = WebhookSecrets::bytes($secret);
    $this->assertSame($key, base64_encode(ConsoleSignature::key($bytes)));
    $this->assertSame($signature, ConsoleSignature::of([$bytes], $id, $timestamp, $method, $target, $body));
  }

  /**
   * Secret, key, id, time, method, target, body and signature.
   */
  public static function examples(): array {
    $audit = '/api/console/audit?user=' . self::UUID . '&from=2026-11-24T08%3A00%3A00Z&limit=20';
    $order = '{"drupalUuid":"' . self::UUID . '","dryRun":true,"actor":{"uid":17}}';
    $named = '{"drupalUuid":"' . self::UUID . '","actor":{"name":"Zoë Ångström"}}';
    return [
      'a page of the audit log, with filters' => [
        self::SECRET, self::KEY, 'req_01', 1764115200, 'GET', $audit, '',
        'v1,jckrBTE13qWKKIprHcufm/5SUZLlwhUSvjgKAfB3Csw=',
      ],
      'one user' => [
        self::SECRET, self::KEY, 'req_02', 1764115200, 'GET', '/api/console/users/' . self::UUID, '',
        'v1,bhO/Dc2uEXDyG9VtkUnRZ6tuX9/rHGXZ4SYnmfbsn7w=',
      ],
      'one user now, for an account' => [
        self::SECRET, self::KEY, 'req_03', 1764115200, 'POST', '/api/console/provision', $order,
        'v1,l99G2cP5NqWF5VofQ5YwdEuEeqWuZ3IKvzUnow6uriQ=',
      ],
      'a body beyond ASCII, signed with a secret that was typed as text' => [
        'a secret that was typed as text', 'DUCzfuZYoTg8r/DRFvHIBNn9JtQDl2CEmwlvVmTzLwM=',
        'req_04', 1764115201, 'POST', '/api/console/provision', $named,
        'v1,T1iiJtXCOStxz4yrip1I9KbGsu/dWc+fZLIZSvW+UCg=',
      ],
    ];
  }

  /**
   * @covers ::of
   */
  public function testSignsWithBothSecretsWhileOneIsReplaced(): void {
    $secrets = ['a new secret of enough bytes', WebhookSecrets::bytes(self::SECRET)];
    $signatures = explode(' ', ConsoleSignature::of($secrets, 'req_02', 1764115200, 'GET', '/api/console/users/' . self::UUID, ''));
    $this->assertCount(2, $signatures);
    $this->assertSame('v1,bhO/Dc2uEXDyG9VtkUnRZ6tuX9/rHGXZ4SYnmfbsn7w=', $signatures[1]);
  }

}
