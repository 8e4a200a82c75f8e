<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\Datetime\DateFormatterInterface;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\Core\Url;

/**
 * Shows entries of the app's audit log.
 */
class AuditTable {

  use StringTranslationTrait;

  public function __construct(
    private readonly Labels $labels,
    private readonly ChangeList $changeList,
    private readonly DateFormatterInterface $dateFormatter,
    private readonly EntityTypeManagerInterface $entityTypeManager,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * A render array.
   *
   * @param \Drupal\entra_user_sync\Console\Record[] $entries
   *   The entries, newest first.
   * @param \Drupal\Core\StringTranslation\TranslatableMarkup $caption
   *   What the table is.
   * @param \Drupal\Core\StringTranslation\TranslatableMarkup $empty
   *   What is said where there are no entries.
   * @param bool $isOfOneUser
   *   TRUE: the column that says whom it is about is left out.
   */
  public function build(array $entries, TranslatableMarkup $caption, TranslatableMarkup $empty, bool $isOfOneUser): array {
    $names = $isOfOneUser ? [] : $this->linksByUuid($entries);
    $actors = $this->actorsByUid($entries);
    $rows = [];
    foreach ($entries as $entry) {
      $row = [
        'when' => ['data' => $this->when($entry->text('at'))],
        'user' => [
          'data' => $names[$entry->text('drupalUuid')] ?? ['#plain_text' => $this->name($entry)],
          'class' => ['entra-user-sync-long'],
        ],
        'operation' => $this->labels->operation($entry->text('operation')),
        'resource' => $this->labels->resource($entry->text('resourceType')),
        'system' => $this->labels->system($entry->text('system')),
        'status' => ['data' => $this->labels->markedStatus($entry->text('status'))],
        'why' => [
          'data' => [
            ['#plain_text' => $entry->text('reason', 'message')],
            $this->changeList->build($entry->records('changes')),
          ],
          'class' => ['entra-user-sync-long'],
        ],
        'cause' => $this->cause($entry, $actors),
      ];
      $rows[] = $isOfOneUser ? array_diff_key($row, ['user' => TRUE]) : $row;
    }
    $header = [
      'when' => $this->t('When'),
      'user' => $this->t('User'),
      'operation' => ['data' => $this->t('Operation'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
      'resource' => ['data' => $this->t('Resource'), 'class' => [RESPONSIVE_PRIORITY_LOW]],
      'system' => ['data' => $this->t('Written to'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
      'status' => $this->t('Status'),
      // On the tab of one user there is room for it on any screen.
      'why' => [
        'data' => $this->t('Why, and what was written over'),
        'class' => $isOfOneUser ? [] : [RESPONSIVE_PRIORITY_MEDIUM],
      ],
      'cause' => ['data' => $this->t('Cause'), 'class' => [RESPONSIVE_PRIORITY_LOW]],
    ];
    return [
      '#type' => 'table',
      '#prefix' => '<div class="entra-user-sync-scroll">',
      '#suffix' => '</div>',
      '#caption' => $caption,
      '#header' => $isOfOneUser ? array_diff_key($header, ['user' => TRUE]) : $header,
      '#rows' => $rows,
      '#empty' => $empty,
      '#attributes' => ['class' => ['entra-user-sync-table']],
      '#attached' => ['library' => ['entra_user_sync/pages']],
    ];
  }

  /**
   * Who it was, where the site has no account of theirs.
   */
  private function name(Record $entry): string {
    return $entry->text('displayName') ?: $entry->text('entraId') ?: $entry->text('drupalUuid');
  }

  /**
   * What made the app look, and who asked for it.
   */
  private function cause(Record $entry, array $actors): TranslatableMarkup|string {
    $cause = $this->labels->cause($entry->text('cause'));
    $actor = $entry->text('actor');
    return $actor === '' ? $cause : $this->t('@cause, asked by @name', [
      '@cause' => $cause,
      '@name' => $actors[$actor] ?? $actor,
    ]);
  }

  /**
   * A time, as the site writes it.
   */
  private function when(string $at): array {
    // Not "tomorrow": what is no time of the app is shown as it is.
    $time = preg_match('/^\d{4}-\d\d-\d\dT/', $at) ? strtotime($at) : FALSE;
    return $time === FALSE ? ['#plain_text' => $at] : [
      '#theme' => 'time',
      '#text' => $this->dateFormatter->format($time, 'short'),
      '#attributes' => ['datetime' => gmdate('Y-m-d\TH:i:s\Z', $time)],
    ];
  }

  /**
   * Links to the tabs of those users who are still here.
   *
   * @return array<string, array>
   *   Render arrays by UUID.
   */
  private function linksByUuid(array $entries): array {
    $uuids = array_filter(array_map(fn (Record $entry): string => $entry->text('drupalUuid'), $entries));
    if ($uuids === []) {
      return [];
    }
    $users = $this->entityTypeManager->getStorage('user')->loadByProperties(['uuid' => array_unique($uuids)]);
    $links = [];
    foreach ($users as $user) {
      $links[$user->uuid()] = [
        '#type' => 'link',
        '#title' => $user->getDisplayName(),
        '#url' => Url::fromRoute('entra_user_sync.account', ['user' => $user->id()]),
      ];
    }
    return $links;
  }

  /**
   * Names of those people of the site who asked.
   *
   * @return array<string, string>
   *   Names by the app's word for them.
   */
  private function actorsByUid(array $entries): array {
    $uids = [];
    foreach ($entries as $entry) {
      if (preg_match('~^drupal:user/(\d{1,10})$~', $entry->text('actor'), $found)) {
        $uids[$found[1]] = $found[1];
      }
    }
    $names = [];
    foreach ($this->entityTypeManager->getStorage('user')->loadMultiple($uids) as $uid => $user) {
      $names["drupal:user/$uid"] = (string) $user->getDisplayName();
    }
    return $names;
  }

}
