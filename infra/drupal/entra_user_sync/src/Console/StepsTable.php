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
        '#prefix' => '<div class="entra-user-sync-scroll">',
        '#suffix' => '</div>',
        '#caption' => $this->t('The five steps'),
        '#header' => [$this->t('Step'), $this->t('Status'), $this->t('Why')],
        '#attributes' => ['class' => ['entra-user-sync-table']],
        '#attached' => ['library' => ['entra_user_sync/pages']],
        '#rows' => $this->steps($explanation),
      ],
      'writes' => [
        '#type' => 'table',
        '#prefix' => '<div class="entra-user-sync-scroll">',
        '#suffix' => '</div>',
        '#caption' => $this->t('Writes'),
        '#header' => [
          $this->t('Written to'),
          $this->t('Operation'),
          ['data' => $this->t('Resource'), 'class' => [RESPONSIVE_PRIORITY_LOW]],
          $this->t('Changes'),
          ['data' => $this->t('Status'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
          ['data' => $this->t('Why'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
        ],
        '#attributes' => ['class' => ['entra-user-sync-table']],
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
        ['data' => $this->labels->markedStatus($explanation->text($step, 'status'))],
        ['data' => $explanation->text($step, 'reason', 'message'), 'class' => ['entra-user-sync-long']],
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
        ['data' => $this->changeList->build($write->records('changes')), 'class' => ['entra-user-sync-long']],
        ['data' => $this->labels->markedStatus($write->text('status'))],
        ['data' => $write->text('reason', 'message'), 'class' => ['entra-user-sync-long']],
      ];
    }
    return $rows;
  }

  /**
   * The steps by the app's words, called as in Entra ID.
   *
   * Its "Provision on demand" says so; it has no name of its own for what the
   * app calls processing.
   *
   * @see https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand
   *
   * @return array<string, \Drupal\Core\StringTranslation\TranslatableMarkup>
   *   In their order.
   */
  private function names(): array {
    return [
      'import' => $this->t('Import user'),
      'scoping' => $this->t('Determine if user is in scope'),
      'matching' => $this->t('Match user between source and target system'),
      'processing' => $this->t('Decide what to write'),
      'export' => $this->t('Perform action'),
    ];
  }

}
