<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslationInterface;

/**
 * Lists what a write changes: attribute, before and after.
 */
class ChangeList {

  use StringTranslationTrait;

  public function __construct(
    private readonly Labels $labels,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * A render array; empty if nothing changes.
   *
   * @param \Drupal\entra_user_sync\Console\Record[] $changes
   *   The changes, as the app tells them.
   */
  public function build(array $changes): array {
    return $changes === []
      ? []
      : ['#theme' => 'item_list', '#items' => array_map($this->item(...), $changes)];
  }

  /**
   * One change.
   */
  private function item(Record $change): array {
    $attribute = $change->text('attribute');
    // The app may keep fingerprints or no values at all: they tell nobody
    // anything.
    return [
      '#markup' => $change->text('kept') === ''
        ? $this->t('@attribute: @before → @after', [
          '@attribute' => $attribute,
          '@before' => $this->labels->attributeValue($change->value('before')),
          '@after' => $this->labels->attributeValue($change->value('after')),
        ])
        : $this->t('@attribute (values are not kept)', ['@attribute' => $attribute]),
    ];
  }

}
