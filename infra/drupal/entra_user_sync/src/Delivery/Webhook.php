<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Uuid\UuidInterface;
use Drupal\Core\Config\ConfigFactoryInterface;
use GuzzleHttp\ClientInterface;
use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\Exception\TransferException;
use GuzzleHttp\RequestOptions;

/**
 * Posts to the sync app.
 */
class Webhook {

  /**
   * Seconds until a request is given up; the app answers at once.
   */
  public const TIMEOUT = 5;

  /**
   * Bytes of an answer that are taken: the app says a line.
   */
  private const MOST_BYTES = 65536;

  private const PATH = '/api/webhooks/drupal';

  public function __construct(
    private readonly ClientInterface $httpClient,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly WebhookSecrets $secrets,
    private readonly TimeInterface $time,
    private readonly UuidInterface $uuid,
  ) {}

  /**
   * The address that changes are posted to; empty while none is set.
   */
  public function url(): string {
    $address = rtrim((string) $this->configFactory->get('entra_user_sync.settings')->get('address'), '/');
    return $address === '' ? '' : $address . self::PATH;
  }

  /**
   * The address of the app, without the path of its webhook.
   */
  public static function baseOf(string $address): string {
    $address = rtrim(trim($address), '/');
    return str_ends_with($address, self::PATH) ? substr($address, 0, -strlen(self::PATH)) : $address;
  }

  /**
   * Whether there is an address and a secret.
   */
  public function isReady(): bool {
    return $this->url() !== '' && $this->secrets->keys() !== [];
  }

  /**
   * Posts an event that the app verifies and then passes over.
   */
  public function postTest(): Answer {
    $body = json_encode([
      'type' => 'test',
      'timestamp' => gmdate('Y-m-d\TH:i:s\Z', $this->time->getCurrentTime()),
      'data' => new \stdClass(),
    ], JSON_THROW_ON_ERROR);
    return $this->post('msg_' . $this->uuid->generate(), $body);
  }

  /**
   * Posts a body once.
   *
   * @param string $id
   *   The webhook-id: the same for every try of the same body.
   * @param string $body
   *   JSON.
   */
  public function post(string $id, string $body): Answer {
    // The time of this try: the app refuses what is older than five minutes.
    $timestamp = $this->time->getCurrentTime();
    $received = new BoundedBody(self::MOST_BYTES);
    try {
      $response = $this->httpClient->request('POST', $this->url(), [
        RequestOptions::BODY => $body,
        RequestOptions::HEADERS => [
          'Content-Type' => 'application/json',
          'webhook-id' => $id,
          'webhook-timestamp' => (string) $timestamp,
          'webhook-signature' => Signature::of($this->secrets->keys(), $id, $timestamp, $body),
        ],
        RequestOptions::CONNECT_TIMEOUT => self::TIMEOUT,
        RequestOptions::TIMEOUT => self::TIMEOUT,
        // What is signed goes to the address that was set, and no other.
        RequestOptions::ALLOW_REDIRECTS => FALSE,
        RequestOptions::HTTP_ERRORS => FALSE,
        RequestOptions::SINK => $received,
      ]);
    }
    catch (GuzzleException $exception) {
      return Answer::none($received->isOver() ? 'too_long' : self::reasonOf($exception));
    }
    catch (\InvalidArgumentException) {
      // settings.php may set an address past the form: one that is none.
      return Answer::none('no_address');
    }
    if ($received->isOver()) {
      return Answer::none('too_long');
    }
    return Answer::ofStatus($response->getStatusCode(), $response->getHeaderLine('Retry-After'), $this->time->getCurrentTime());
  }

  /**
   * Why no answer came, by the number that curl gives.
   *
   * @see https://curl.se/libcurl/c/libcurl-errors.html
   */
  public static function reasonOf(GuzzleException $exception): string {
    $context = $exception instanceof TransferException && method_exists($exception, 'getHandlerContext')
      ? $exception->getHandlerContext()
      : [];
    return match ($context['errno'] ?? 0) {
      6 => 'name',
      28 => 'timeout',
      35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91 => 'tls',
      default => 'connection',
    };
  }

}
