<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;

/**
 * The app's words in the language of the page.
 *
 * A word that a newer app may have is shown as it is.
 */
class Labels {

  use StringTranslationTrait;

  public function __construct(TranslationInterface $string_translation) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * What was done.
   *
   * @return array<string, \Drupal\Core\StringTranslation\TranslatableMarkup>
   *   Labels by the app's word.
   */
  public function operations(): array {
    return [
      'create' => $this->t('Create'),
      'update' => $this->t('Update'),
      'disable' => $this->t('Disable'),
      'enable' => $this->t('Enable'),
      'delete' => $this->t('Delete'),
      'restore' => $this->t('Restore'),
      'link' => $this->t('Link'),
      'unlink' => $this->t('Unlink'),
      'assign' => $this->t('Give a role'),
      'remove' => $this->t('Take a role'),
      'none' => $this->t('Nothing'),
    ];
  }

  /**
   * How it ended, in the audit log.
   *
   * @return array<string, \Drupal\Core\StringTranslation\TranslatableMarkup>
   *   Labels by the app's word.
   */
  public function statuses(): array {
    return [
      'success' => $this->t('Success'),
      'failure' => $this->t('Failure'),
      'skipped' => $this->t('Skipped'),
      'warning' => $this->t('Warning'),
    ];
  }

  /**
   * The two systems.
   *
   * @return array<string, \Drupal\Core\StringTranslation\TranslatableMarkup>
   *   Labels by the app's word.
   */
  public function systems(): array {
    return ['drupal' => $this->t('Drupal'), 'entra' => $this->t('Entra ID')];
  }

  /**
   * An operation.
   */
  public function operation(string $word): TranslatableMarkup|string {
    return $this->operations()[$word] ?? $word;
  }

  /**
   * How something ended, or will.
   */
  public function status(string $word): TranslatableMarkup|string {
    return ($this->statuses() + [
      'planned' => $this->t('Planned'),
      'deferred' => $this->t('Put on the queue'),
    ])[$word] ?? $word;
  }

  /**
   * How something ended, with a mark that is seen from afar.
   */
  public function markedStatus(string $word): array {
    $class = in_array($word, ['success', 'failure', 'warning'], TRUE) ? ["entra-user-sync-mark--$word"] : [];
    return [
      '#type' => 'html_tag',
      '#tag' => 'span',
      '#attributes' => ['class' => ['entra-user-sync-mark', ...$class]],
      'word' => ['#plain_text' => $this->status($word)],
    ];
  }

  /**
   * A system.
   */
  public function system(string $word): TranslatableMarkup|string {
    return ($this->systems() + ['storage' => $this->t('Storage of the app')])[$word] ?? $word;
  }

  /**
   * What kind of thing was written.
   */
  public function resource(string $word): TranslatableMarkup|string {
    return [
      'user' => $this->t('User'),
      'role' => $this->t('Role'),
      'photo' => $this->t('Picture'),
      'configuration' => $this->t('Configuration'),
      'cycle' => $this->t('Cycle'),
    ][$word] ?? $word;
  }

  /**
   * What made the app look.
   */
  public function cause(string $word): TranslatableMarkup|string {
    return [
      'webhook' => $this->t('Change in Drupal'),
      'notification' => $this->t('Change in Entra ID'),
      'cycle' => $this->t('Cycle'),
      'onDemand' => $this->t('On demand'),
      'replay' => $this->t('Replay'),
      'approval' => $this->t('Approval'),
    ][$word] ?? $word;
  }

  /**
   * The value of an attribute.
   */
  public function attributeValue(mixed $value): TranslatableMarkup|string {
    return match (TRUE) {
      $value === NULL, $value === '', $value === [] => $this->t('(empty)'),
      is_bool($value) => $value ? $this->t('yes') : $this->t('no'),
      is_array($value) && array_is_list($value) => implode(', ', array_map(fn ($each): string => (string) $this->attributeValue($each), $value)),
      is_array($value) => (string) json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
      default => (string) $value,
    };
  }

}
