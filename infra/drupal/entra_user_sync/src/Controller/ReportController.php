<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Controller;

use Drupal\Core\Controller\ControllerBase;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Console\AuditFilters;
use Drupal\entra_user_sync\Console\AuditTable;
use Drupal\entra_user_sync\Console\Console;
use Drupal\entra_user_sync\Console\ConsoleWords;
use Drupal\entra_user_sync\Form\ReportFilterForm;
use Symfony\Component\HttpFoundation\Request;

/**
 * The report of what the sync has done.
 *
 * @internal
 */
class ReportController extends ControllerBase {

  private const ROUTE = 'entra_user_sync.report';

  public function __construct(
    private readonly Console $console,
    private readonly ConsoleWords $words,
    private readonly AuditTable $auditTable,
  ) {}

  /**
   * The page.
   */
  public function page(Request $request): array {
    $filters = AuditFilters::of($request->query->all());
    $form = $this->formBuilder()->getForm(ReportFilterForm::class, $filters);
    return [
      // The app is asked anew for each page.
      '#cache' => ['max-age' => 0, 'contexts' => ['user.permissions', 'url.query_args', 'timezone']],
      'filters' => $form,
      ...$this->entries($filters, $request->query->all()['continuation'] ?? ''),
    ];
  }

  /**
   * What the app tells.
   */
  private function entries(AuditFilters $filters, mixed $continuation): array {
    // Drupal sets the time zone of the person.
    $query = $filters->query(new \DateTimeZone(date_default_timezone_get()));
    $query['limit'] = (string) Console::MOST_ENTRIES;
    if (is_string($continuation) && $continuation !== '') {
      $query['continuation'] = $continuation;
    }
    $answer = $this->console->audit($query);
    if (!$answer->isAnswered()) {
      return [
        'away' => [
          '#theme' => 'status_messages',
          '#message_list' => ['warning' => [$this->words->of($answer)]],
          '#status_headings' => ['warning' => $this->t('Warning message')],
        ],
      ];
    }
    $next = $answer->data->text('continuation');
    // A search in the app ends after so many entries, found or not.
    $empty = match (TRUE) {
      $next !== '' => $this->t('Nothing fits so far. The older entries have not been looked through yet: go on with "Older entries".'),
      $filters->chosen !== [] => $this->t('Nothing was done that fits. Choose other filters, or "Show all".'),
      isset($query['continuation']) => $this->t('There are no older entries.'),
      default => $this->t('The sync has done nothing yet. It begins when a user is saved, when its schedule is due, or with "Sync now" on the tab "Entra sync" of an account.'),
    };
    $links = array_values(array_filter([
      isset($query['continuation']) ? $this->pageLink($this->t('Newest entries'), $filters->chosen) : NULL,
      $next === '' ? NULL : $this->pageLink($this->t('Older entries'), $filters->chosen + ['continuation' => $next]),
    ]));
    return [
      'entries' => $this->auditTable->build($answer->data->records('items'), $this->t('What the sync has done, newest first'), $empty, FALSE),
      'pages' => $links === [] ? [] : [
        '#theme' => 'item_list',
        '#attributes' => ['class' => ['pager__items', 'js-pager__items']],
        '#items' => $links,
        '#prefix' => '<nav class="pager" aria-label="' . $this->t('Pages of the report') . '">',
        '#suffix' => '</nav>',
      ],
    ];
  }

  /**
   * A link to another page of the same search.
   */
  private function pageLink(TranslatableMarkup $title, array $query): array {
    return [
      '#type' => 'link',
      '#title' => $title,
      '#url' => Url::fromRoute(self::ROUTE, [], ['query' => $query]),
      '#attributes' => ['class' => ['pager__link']],
      '#wrapper_attributes' => ['class' => ['pager__item']],
    ];
  }

}
