<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Delivery\Signature;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\Tests\UnitTestCase;

/**
 * Tests that deliveries are signed as Standard Webhooks prescribe.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Delivery\Signature
 */
class SignatureTest extends UnitTestCase {

  private const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  private const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  private const TIMESTAMP = 1614265330;
  private const BODY = '{"test": 2432232314}';
  private const EXPECTED = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

  /**
   * The vector that the libraries of Standard Webhooks publish.
   *
   * @covers ::of
   */
  public function testSignsThePublishedVector(): void {
    $keys = [WebhookSecrets::bytes(self::SECRET)];
    $this->assertSame(self::EXPECTED, Signature::of($keys, self::ID, self::TIMESTAMP, self::BODY));
  }

  /**
   * @covers ::of
   */
  public function testSignsWithBothSecretsWhileOneIsReplaced(): void {
    $keys = ['a new secret of enough bytes', WebhookSecrets::bytes(self::SECRET)];
    $signatures = explode(' ', Signature::of($keys, self::ID, self::TIMESTAMP, self::BODY));
    $this->assertCount(2, $signatures);
    $this->assertNotSame(self::EXPECTED, $signatures[0]);
    $this->assertSame(self::EXPECTED, $signatures[1]);
  }

  /**
   * @covers \Drupal\entra_user_sync\Delivery\WebhookSecrets::bytes
   */
  public function testReadsSecretsAsTheAppDoes(): void {
    $this->assertSame('plain text', WebhookSecrets::bytes('plain text'));
    $this->assertSame(24, strlen(WebhookSecrets::bytes(self::SECRET)));
    $this->assertSame('', WebhookSecrets::bytes('whsec_not!base64'));
    $this->assertSame(32, strlen(WebhookSecrets::bytes(WebhookSecrets::make())));
  }

}
