<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Form;

use Drupal\Core\DependencyInjection\AutowireTrait;
use Drupal\Core\Form\FormBase;
use Drupal\Core\Form\FormStateInterface;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Console\AuditFilters;
use Drupal\entra_user_sync\Console\Labels;

/**
 * Filters of the report; they live in its address.
 *
 * @internal
 */
class ReportFilterForm extends FormBase {

  use AutowireTrait;

  private const ROUTE = 'entra_user_sync.report';

  public function __construct(private readonly Labels $labels) {}

  /**
   * {@inheritdoc}
   */
  public function getFormId(): string {
    return 'entra_user_sync_report_filter';
  }

  /**
   * {@inheritdoc}
   */
  public function buildForm(array $form, FormStateInterface $form_state, ?AuditFilters $filters = NULL): array {
    $chosen = $filters?->chosen ?? [];
    $form['filters'] = [
      '#type' => 'details',
      '#title' => $this->t('Filter'),
      '#open' => TRUE,
      '#attributes' => ['class' => ['entra-user-sync-filters']],
      '#attached' => ['library' => ['entra_user_sync/pages']],
      'status' => $this->select($this->t('Status'), $this->labels->statuses(), $chosen['status'] ?? ''),
      'operation' => $this->select($this->t('Operation'), $this->labels->operations(), $chosen['operation'] ?? ''),
      'system' => $this->select($this->t('Written to'), $this->labels->systems(), $chosen['system'] ?? ''),
      'from' => $this->day($this->t('From'), $chosen['from'] ?? ''),
      'to' => $this->day($this->t('To'), $chosen['to'] ?? ''),
      'actions' => [
        '#type' => 'actions',
        'submit' => ['#type' => 'submit', '#value' => $this->t('Filter')],
        'reset' => [
          '#type' => 'link',
          '#title' => $this->t('Show all'),
          '#url' => Url::fromRoute(self::ROUTE),
          '#attributes' => ['class' => ['button']],
          '#access' => $chosen !== [],
        ],
      ],
    ];
    return $form;
  }

  /**
   * {@inheritdoc}
   */
  public function validateForm(array &$form, FormStateInterface $form_state): void {
    ['from' => $from, 'to' => $to] = AuditFilters::of($form_state->getValues())->chosen + ['from' => '', 'to' => ''];
    if ($to !== '' && $from > $to) {
      $form_state->setErrorByName('to', $this->t('The last day is before the first.'));
    }
  }

  /**
   * {@inheritdoc}
   */
  public function submitForm(array &$form, FormStateInterface $form_state): void {
    $form_state->setRedirect(self::ROUTE, [], ['query' => AuditFilters::of($form_state->getValues())->chosen]);
  }

  /**
   * One of the app's words, or any.
   */
  private function select(TranslatableMarkup $title, array $options, string $chosen): array {
    return [
      '#type' => 'select',
      '#title' => $title,
      '#options' => $options,
      '#empty_option' => $this->t('- Any -'),
      '#default_value' => $chosen,
    ];
  }

  /**
   * A day, or any.
   */
  private function day(TranslatableMarkup $title, string $chosen): array {
    return ['#type' => 'date', '#title' => $title, '#default_value' => $chosen];
  }

}
