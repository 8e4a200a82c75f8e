<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslationInterface;

/**
 * Shows the five steps of one user, and the writes they came to.
 */
class StepsTable {

  use StringTranslationTrait;

  public function __construct(
    private readonly Labels $labels,
    private readonly ChangeList $changeList,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * A render array.
   *
   * @param \Drupal\entra_user_sync\Console\Record $explanation
   *   The explanation, as the app tells it.
   */
  public function build(Record $explanation): array {
    return [
      'steps' => [
        '#type' => 'table',
        '#caption' => $this->t('The five steps'),
        '#header' => [$this->t('Step'), $this->t('Status'), $this->t('Why')],
        '#rows' => $this->steps($explanation),
      ],
      'writes' => [
        '#type' => 'table',
        '#caption' => $this->t('Writes'),
        '#header' => [
          $this->t('Written to'),
          $this->t('Operation'),
          $this->t('Resource'),
          $this->t('Changes'),
          $this->t('Status'),
          $this->t('Why'),
        ],
        '#rows' => $this->writes($explanation),
        '#empty' => $this->t('Nothing is to be written.'),
      ],
    ];
  }

  /**
   * A row for each step.
   */
  private function steps(Record $explanation): array {
    $rows = [];
    foreach ($this->names() as $step => $name) {
      $rows[] = [
        ['data' => $name, 'header' => TRUE, 'scope' => 'row'],
        $this->labels->status($explanation->text($step, 'status')),
        $explanation->text($step, 'reason', 'message'),
      ];
    }
    return $rows;
  }

  /**
   * A row for each write.
   */
  private function writes(Record $explanation): array {
    $rows = [];
    foreach ($explanation->records('export', 'steps') as $write) {
      $rows[] = [
        $this->labels->system($write->text('system')),
        $this->labels->operation($write->text('operation')),
        $this->labels->resource($write->text('resource')),
        ['data' => $this->changeList->build($write->records('changes'))],
        $this->labels->status($write->text('status')),
        $write->text('reason', 'message'),
      ];
    }
    return $rows;
  }

  /**
   * The steps by the app's names, which are those of Entra ID.
   *
   * @return array<string, \Drupal\Core\StringTranslation\TranslatableMarkup>
   *   In their order.
   */
  private function names(): array {
    return [
      'import' => $this->t('Import'),
      'scoping' => $this->t('Scope'),
      'matching' => $this->t('Match'),
      'processing' => $this->t('Decide'),
      'export' => $this->t('Export'),
    ];
  }

}
