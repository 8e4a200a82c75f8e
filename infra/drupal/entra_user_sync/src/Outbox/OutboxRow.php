<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Outbox;

/**
 * A row of the outbox that this process may send.
 */
final class OutboxRow {

  public function __construct(
    public readonly string $uuid,
    public readonly ChangeKind $kind,
    public readonly int $sequence,
    public readonly string $messageId,
    public readonly ?string $actor,
    public readonly int $recorded,
    public readonly int $attempts,
    public readonly string $lease,
  ) {}

  /**
   * The body of the webhook: which user, and no value of the user.
   *
   * The same for every try, as the receiver takes an id for a content
   * (https://www.standardwebhooks.com, "Idempotency").
   */
  public function body(): string {
    $data = ['uuid' => $this->uuid, 'sequence' => $this->sequence];
    if ($this->actor !== NULL) {
      $data['actor'] = $this->actor;
    }
    return json_encode([
      'type' => 'user.' . $this->kind->value,
      'timestamp' => gmdate('Y-m-d\TH:i:s\Z', $this->recorded),
      'data' => $data,
    ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
  }

}
