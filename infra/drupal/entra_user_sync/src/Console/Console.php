<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Uuid\UuidInterface;
use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\entra_user_sync\Delivery\BoundedBody;
use Drupal\entra_user_sync\Delivery\ConsoleSignature;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use GuzzleHttp\ClientInterface;
use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\RequestOptions;
use Psr\Http\Message\ResponseInterface;

/**
 * Asks the sync app, from the server and signed by the site.
 *
 * Whoever calls this has checked what the person may see and do: the app takes
 * the site's word for it.
 */
class Console {

  /**
   * How many entries of the audit log the app gives at most.
   */
  public const MOST_ENTRIES = 50;

  /**
   * Longest answer that is read, in bytes; a page of the log has some 50,000.
   */
  public const MOST_BYTES = 2097152;

  public function __construct(
    private readonly ClientInterface $httpClient,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly WebhookSecrets $secrets,
    private readonly TimeInterface $time,
    private readonly UuidInterface $uuid,
  ) {}

  /**
   * A page of the audit log, newest first: "items" and "continuation".
   *
   * @param array<string, string> $query
   *   Filters, limit and continuation, as the app names them.
   */
  public function audit(array $query): ConsoleAnswer {
    // As RFC 3986 writes them: the app checks the signature over what arrives.
    $query = http_build_query($query, '', '&', PHP_QUERY_RFC3986);
    return $this->ask('GET', '/api/console/audit' . ($query === '' ? '' : "?$query"), '', 'items');
  }

  /**
   * Why a user is as they are: "link", "reason", "explanation", "escrow".
   */
  public function user(string $uuid): ConsoleAnswer {
    return $this->ask('GET', '/api/console/users/' . rawurlencode($uuid), '', 'reason');
  }

  /**
   * Provisions one user now: "outcome" and "explanation".
   *
   * Doing it again writes nothing twice: the app compares both sides first.
   *
   * @param string $uuid
   *   UUID of the user.
   * @param bool $isDryRun
   *   TRUE: nothing is written.
   * @param int $uid
   *   Who pressed the button, for the audit log; 0 for nobody known.
   */
  public function provision(string $uuid, bool $isDryRun, int $uid): ConsoleAnswer {
    $order = ['drupalUuid' => $uuid, 'dryRun' => $isDryRun];
    if ($uid > 0) {
      $order['actor'] = ['uid' => $uid];
    }
    return $this->ask('POST', '/api/console/provision', json_encode($order, JSON_THROW_ON_ERROR), 'outcome');
  }

  /**
   * Asks once.
   */
  private function ask(string $method, string $path, string $body, string $expected): ConsoleAnswer {
    $address = rtrim((string) $this->configFactory->get('entra_user_sync.settings')->get('address'), '/');
    $secrets = $this->secrets->keys();
    if ($address === '' || $secrets === []) {
      return ConsoleAnswer::none('not_set_up');
    }
    $target = parse_url($address, PHP_URL_PATH) . $path;
    $id = 'req_' . $this->uuid->generate();
    $timestamp = $this->time->getCurrentTime();
    $headers = [
      'Accept' => 'application/json',
      'webhook-id' => $id,
      'webhook-timestamp' => (string) $timestamp,
      'webhook-signature' => ConsoleSignature::of($secrets, $id, $timestamp, $method, $target, $body),
    ];
    $options = $body === '' ? [] : [RequestOptions::BODY => $body];
    $received = new BoundedBody(self::MOST_BYTES);
    try {
      $response = $this->httpClient->request($method, $address . $path, $options + [
        RequestOptions::HEADERS => $headers + ($body === '' ? [] : ['Content-Type' => 'application/json']),
        RequestOptions::CONNECT_TIMEOUT => Webhook::TIMEOUT,
        RequestOptions::TIMEOUT => Webhook::TIMEOUT,
        // What is signed goes to the address that was set, and no other.
        RequestOptions::ALLOW_REDIRECTS => FALSE,
        RequestOptions::HTTP_ERRORS => FALSE,
        RequestOptions::SINK => $received,
      ]);
      return $received->isOver()
        ? ConsoleAnswer::none('too_long')
        : ConsoleAnswer::of($response->getStatusCode(), (string) $received, $expected, $this->skew($response, $timestamp));
    }
    catch (GuzzleException $exception) {
      $reason = Webhook::reasonOf($exception);
      return ConsoleAnswer::none(match (TRUE) {
        $received->isOver() => 'too_long',
        $reason === 'connection' && $received->getSize() > 0 => 'broken',
        default => $reason,
      });
    }
    catch (\InvalidArgumentException) {
      // settings.php may set an address past the form: one that is none.
      return ConsoleAnswer::none('no_address');
    }
    catch (\RuntimeException) {
      // The body broke off while it was read.
      return ConsoleAnswer::none('broken');
    }
  }

  /**
   * How many seconds the app's clock is ahead of the site's; 0 if unknown.
   */
  private function skew(ResponseInterface $response, int $now): int {
    $then = strtotime($response->getHeaderLine('Date'));
    return $then === FALSE ? 0 : $then - $now;
  }

}
