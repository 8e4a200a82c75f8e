<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Uuid\UuidInterface;
use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\KeyValueStore\KeyValueFactoryInterface;
use Drupal\Core\Site\Settings;
use Drupal\key\KeyRepositoryInterface;
use Symfony\Component\DependencyInjection\Attribute\Autowire;

/**
 * The secrets that sign: all of them, from wherever they come.
 *
 * From settings.php, the environment, a key of the Key module, and what was
 * typed in. Never configuration: that is exported and shared. All sign, so that
 * one is replaced by another, or moved elsewhere, with no moment in which the
 * app knows none: it takes whichever it has (Standard Webhooks, "Signature
 * scheme").
 */
class WebhookSecrets {

  /**
   * Fewer bytes are refused by the app, too (Standard Webhooks: 24 to 64).
   */
  public const SHORTEST = 24;

  /**
   * The app refuses a header with more signatures.
   */
  public const MOST = 5;

  private const SETTING = 'entra_user_sync.secrets';
  private const VARIABLE = 'ENTRA_USER_SYNC_SECRETS';
  private const COLLECTION = 'entra_user_sync';
  private const TYPED = 'secrets';

  public function __construct(
    private readonly Settings $settings,
    private readonly ConfigFactoryInterface $configFactory,
    #[Autowire(service: 'keyvalue')]
    private readonly KeyValueFactoryInterface $keyValueFactory,
    private readonly TimeInterface $time,
    private readonly UuidInterface $uuid,
    private readonly ?KeyRepositoryInterface $keys = NULL,
  ) {}

  /**
   * The bytes of each secret that signs.
   *
   * @return string[]
   *   One, or more while a secret is replaced; none if none is set.
   */
  public function keys(): array {
    $keys = [];
    foreach ($this->found() as $found) {
      $keys[] = self::bytes($found['secret']);
    }
    $keys = array_unique(array_filter($keys, fn (string $key): bool => strlen($key) >= self::SHORTEST));
    return array_slice(array_values($keys), 0, self::MOST);
  }

  /**
   * What is known of each secret, but not the secret.
   *
   * @return array<int, array{origin: string, id: string|null, since: int|null, bytes: int, state: string}>
   *   In the order in which they sign. The origin is one of "settings",
   *   "environment", "key", "typed"; only what was typed in has an id, and a
   *   Unix time at which that was. The state is one of "signs", "too_short",
   *   "not_base64", "twice" (as one before), "too_many".
   */
  public function listed(): array {
    $listed = $signing = [];
    foreach ($this->found() as $found) {
      $key = self::bytes($found['secret']);
      $state = match (TRUE) {
        $key === '' => 'not_base64',
        strlen($key) < self::SHORTEST => 'too_short',
        in_array($key, $signing, TRUE) => 'twice',
        count($signing) >= self::MOST => 'too_many',
        default => 'signs',
      };
      if ($state === 'signs') {
        $signing[] = $key;
      }
      unset($found['secret']);
      $listed[] = $found + ['bytes' => strlen($key), 'state' => $state];
    }
    return $listed;
  }

  /**
   * Keeps a secret that was typed in; those before still sign, too.
   */
  public function type(#[\SensitiveParameter] string $secret): void {
    $typed = ['id' => $this->uuid->generate(), 'secret' => $secret, 'since' => $this->time->getCurrentTime()];
    $this->keyValueFactory->get(self::COLLECTION)->set(self::TYPED, [$typed, ...$this->typed()]);
  }

  /**
   * Forgets one secret that was typed in.
   */
  public function remove(string $id): void {
    $left = array_values(array_filter($this->typed(), fn (array $typed): bool => $typed['id'] !== $id));
    $this->keyValueFactory->get(self::COLLECTION)->set(self::TYPED, $left);
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
   * The secrets as written, with where they were found.
   *
   * @return array<int, array{origin: string, id: string|null, since: int|null, secret: string}>
   *   The newest of the typed ones before the others of them.
   */
  private function found(): array {
    $found = [];
    $places = [
      'settings' => $this->settings::get(self::SETTING),
      'environment' => getenv(self::VARIABLE),
      'key' => $this->readKey()[0],
    ];
    foreach ($places as $origin => $value) {
      foreach (self::listOf($value) as $secret) {
        $found[] = ['origin' => $origin, 'id' => NULL, 'since' => NULL, 'secret' => $secret];
      }
    }
    foreach ($this->typed() as $typed) {
      $found[] = ['origin' => 'typed'] + $typed;
    }
    return $found;
  }

  /**
   * Why the chosen key of the Key module gives no secret; NULL if it does.
   *
   * @return string|null
   *   One of "no_module", "deleted", "failing", "empty"; NULL also if no key is
   *   chosen.
   */
  public function keyFault(): ?string {
    return $this->readKey()[1];
  }

  /**
   * Reads the chosen key of the Key module.
   *
   * @return array{mixed, string|null}
   *   What it holds, and why it holds nothing.
   */
  private function readKey(): array {
    $id = (string) $this->configFactory->get('entra_user_sync.settings')->get('key');
    if ($id === '' || $this->keys === NULL) {
      return [NULL, $id === '' ? NULL : 'no_module'];
    }
    try {
      $key = $this->keys->getKey($id);
      $value = $key?->getKeyValue();
    }
    catch (\Throwable) {
      // Keys may be in a vault elsewhere, which may be away. Changes wait.
      return [NULL, 'failing'];
    }
    return match (TRUE) {
      $key === NULL => [NULL, 'deleted'],
      self::listOf($value) === [] => [NULL, 'empty'],
      default => [$value, NULL],
    };
  }

  /**
   * What was typed in, the newest first.
   *
   * @return array<int, array{id: string, since: int|null, secret: string}>
   *   The secrets.
   */
  private function typed(): array {
    $typed = [];
    foreach ($this->keyValueFactory->get(self::COLLECTION)->get(self::TYPED, []) as $index => $each) {
      // Earlier releases kept the text alone.
      $typed[] = is_array($each) ? $each : ['id' => "typed-$index", 'since' => NULL, 'secret' => $each];
    }
    return $typed;
  }

  /**
   * Secrets out of a list, or out of a text as the app's WEBHOOK_SECRETS is.
   *
   * @return string[]
   *   The secrets.
   */
  private static function listOf(mixed $value): array {
    if (is_string($value)) {
      $value = preg_split('/[\s,]+/', $value);
    }
    return is_array($value)
      ? array_values(array_filter($value, fn ($secret): bool => is_string($secret) && $secret !== ''))
      : [];
  }

}
