<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\KeyValueStore\KeyValueFactoryInterface;
use Drupal\Core\Site\Settings;
use Drupal\key\KeyRepositoryInterface;
use Symfony\Component\DependencyInjection\Attribute\Autowire;

/**
 * The secrets that sign, from the first place that has any.
 *
 * In this order: settings.php, the environment, a key of the Key module, what
 * was typed in. Never configuration: that is exported and shared.
 */
class WebhookSecrets {

  /**
   * Fewer bytes are refused by the app, too (Standard Webhooks: 24 to 64).
   */
  public const SHORTEST = 24;

  private const SETTING = 'entra_user_sync.secrets';
  private const VARIABLE = 'ENTRA_USER_SYNC_SECRETS';
  private const COLLECTION = 'entra_user_sync';
  private const TYPED = 'secrets';

  public function __construct(
    private readonly Settings $settings,
    private readonly ConfigFactoryInterface $configFactory,
    #[Autowire(service: 'keyvalue')]
    private readonly KeyValueFactoryInterface $keyValueFactory,
    private readonly ?KeyRepositoryInterface $keys = NULL,
  ) {}

  /**
   * The bytes of each secret that can be used, the current one first.
   *
   * @return string[]
   *   One, or two while a secret is replaced; none if none is set.
   */
  public function keys(): array {
    $keys = array_map(self::bytes(...), $this->found()['secrets']);
    return array_values(array_filter($keys, fn (string $key): bool => strlen($key) >= self::SHORTEST));
  }

  /**
   * Where the secrets come from.
   *
   * @return string
   *   One of "settings", "environment", "key", "typed", "nowhere".
   */
  public function origin(): string {
    return $this->found()['origin'];
  }

  /**
   * How many secrets are set but too short, or not what they seem to be.
   */
  public function unusable(): int {
    return count($this->found()['secrets']) - count($this->keys());
  }

  /**
   * Keeps a secret that was typed in; the one before still signs, too.
   */
  public function type(#[\SensitiveParameter] string $secret): void {
    $store = $this->keyValueFactory->get(self::COLLECTION);
    $before = array_slice($store->get(self::TYPED, []), 0, 1);
    $store->set(self::TYPED, [$secret, ...$before]);
  }

  /**
   * How many secrets were typed in: two while one is replaced.
   */
  public function typed(): int {
    return count($this->keyValueFactory->get(self::COLLECTION)->get(self::TYPED, []));
  }

  /**
   * Ends a rotation: only the newest secret signs from now on.
   */
  public function forgetPrevious(): void {
    $store = $this->keyValueFactory->get(self::COLLECTION);
    $store->set(self::TYPED, array_slice($store->get(self::TYPED, []), 0, 1));
  }

  /**
   * Forgets what was typed in.
   */
  public function forgetTyped(): void {
    $this->keyValueFactory->get(self::COLLECTION)->deleteAll();
  }

  /**
   * A new secret, as admins write them down.
   */
  public static function make(): string {
    return 'whsec_' . base64_encode(random_bytes(32));
  }

  /**
   * The bytes of a secret: base64 after "whsec_", else the text itself.
   *
   * @return string
   *   Empty if it is not base64 though it says so.
   */
  public static function bytes(#[\SensitiveParameter] string $secret): string {
    return str_starts_with($secret, 'whsec_')
      ? (string) base64_decode(substr($secret, 6), TRUE)
      : $secret;
  }

  /**
   * The secrets as written, and where they were found.
   *
   * @return array{origin: string, secrets: string[]}
   *   At most two.
   */
  private function found(): array {
    $key = (string) $this->configFactory->get('entra_user_sync.settings')->get('key');
    $places = [
      'settings' => fn () => $this->settings::get(self::SETTING),
      'environment' => fn () => getenv(self::VARIABLE),
      'key' => fn () => $key === '' ? NULL : $this->keys?->getKey($key)?->getKeyValue(),
      'typed' => fn () => $this->keyValueFactory->get(self::COLLECTION)->get(self::TYPED),
    ];
    foreach ($places as $origin => $read) {
      $secrets = self::listOf($read());
      if ($secrets !== []) {
        return ['origin' => $origin, 'secrets' => array_slice($secrets, 0, 2)];
      }
    }
    return ['origin' => 'nowhere', 'secrets' => []];
  }

  /**
   * Secrets out of a list, or out of a text that separates them by spaces.
   *
   * @return string[]
   *   The secrets.
   */
  private static function listOf(mixed $value): array {
    if (is_string($value)) {
      $value = preg_split('/\s+/', $value);
    }
    return is_array($value)
      ? array_values(array_filter($value, fn ($secret): bool => is_string($secret) && $secret !== ''))
      : [];
  }

}
