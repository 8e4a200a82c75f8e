<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Form;

use Drupal\Component\Utility\Unicode;
use Drupal\Core\Access\AccessResult;
use Drupal\Core\DependencyInjection\AutowireTrait;
use Drupal\Core\Form\FormBase;
use Drupal\Core\Form\FormStateInterface;
use Drupal\entra_user_sync\Console\Console;
use Drupal\entra_user_sync\Console\ConsoleWords;
use Drupal\entra_user_sync\Console\Labels;
use Drupal\entra_user_sync\Console\Record;
use Drupal\entra_user_sync\Console\StepsTable;
use Drupal\user\UserInterface;
use Symfony\Component\HttpKernel\Exception\AccessDeniedHttpException;

/**
 * Asks the app for one user: what it would do, or to do it now.
 *
 * @internal
 */
class ProvisionForm extends FormBase {

  use AutowireTrait;

  private const PERMISSION = 'sync users with entra';

  public function __construct(
    private readonly Console $console,
    private readonly ConsoleWords $words,
    private readonly StepsTable $stepsTable,
    private readonly Labels $labels,
  ) {}

  /**
   * {@inheritdoc}
   */
  public function getFormId(): string {
    return 'entra_user_sync_provision';
  }

  /**
   * {@inheritdoc}
   */
  public function buildForm(array $form, FormStateInterface $form_state, ?UserInterface $user = NULL): array {
    // The Form API refuses a button that the person may not see.
    $form['#access'] = AccessResult::allowedIfHasPermission($this->currentUser(), self::PERMISSION);
    $form_state->set('uuid', $user?->uuid());
    // A rebuilt form is cached otherwise: nothing of an answer is to stay.
    $form_state->disableCache();
    $form['actions'] = [
      '#type' => 'actions',
      // Before the steps, which come when a button was pressed.
      '#weight' => -1,
      'preview' => [
        '#type' => 'submit',
        '#value' => $this->t('Preview'),
        '#submit' => ['::preview'],
      ],
      'sync' => [
        '#type' => 'submit',
        '#value' => $this->t('Sync now'),
        '#button_type' => 'primary',
        '#submit' => ['::submitForm'],
      ],
    ];
    // A temporary value lives for this one answer and is never cached.
    $explanation = $form_state->getTemporaryValue('explanation');
    if ($explanation instanceof Record) {
      $form['result'] = $this->stepsTable->build($explanation);
    }
    return $form;
  }

  /**
   * Asks what would be done. Nothing is written.
   */
  public function preview(array &$form, FormStateInterface $form_state): void {
    $this->ask($form_state, TRUE);
  }

  /**
   * {@inheritdoc}
   */
  public function submitForm(array &$form, FormStateInterface $form_state): void {
    $this->ask($form_state, FALSE);
  }

  /**
   * Asks, and says what came back.
   */
  private function ask(FormStateInterface $form_state, bool $isDryRun): void {
    // The buttons are not there without it; whatever else calls this, stops.
    if (!$this->currentUser()->hasPermission(self::PERMISSION)) {
      throw new AccessDeniedHttpException();
    }
    $form_state->setRebuild();
    $answer = $this->console->provision((string) $form_state->get('uuid'), $isDryRun, (int) $this->currentUser()->id());
    if (!$answer->isAnswered()) {
      $this->messenger()->addError($this->words->of($answer));
      if ($answer->reason === 'timeout' && !$isDryRun) {
        $this->messenger()->addWarning($this->t('The app may have gone on without an answer. The history tells.'));
      }
      return;
    }
    $form_state->setTemporaryValue('explanation', $answer->data->record('explanation'));
    $status = $answer->data->text('outcome', 'status');
    $arguments = [
      '@status' => $this->labels->status($status),
      '@why' => Unicode::ucfirst($answer->data->text('outcome', 'reason', 'message')),
    ];
    match (TRUE) {
      $isDryRun => $this->messenger()->addStatus($this->t('Preview: nothing was written. @why', $arguments)),
      $status === 'success' || $status === 'skipped' => $this->messenger()->addStatus($this->t('Sync now: @status. @why', $arguments)),
      default => $this->messenger()->addWarning($this->t('Sync now: @status. @why', $arguments)),
    };
  }

}
