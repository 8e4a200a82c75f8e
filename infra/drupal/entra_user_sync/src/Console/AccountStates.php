<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\Datetime\DateFormatterInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;

/**
 * Shows who is joined with whom, why, and how both accounts are now.
 */
class AccountStates {

  use StringTranslationTrait;

  public function __construct(
    private readonly Labels $labels,
    private readonly DateFormatterInterface $dateFormatter,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * A render array.
   *
   * @param \Drupal\entra_user_sync\Console\Record $user
   *   The app's answer on one user.
   */
  public function build(Record $user): array {
    return [
      'why' => [
        '#theme' => 'item_list',
        '#wrapper_attributes' => ['class' => ['entra-user-sync-long']],
        '#title' => $this->t('Why this user is as they are'),
        '#items' => array_values(array_filter([
          ucfirst($user->text('reason', 'message')),
          $this->linkLine($user->record('link')),
          $this->deleteLine($user),
          $this->escrowLine($user),
          ...$this->conflictLines($user),
        ])),
      ],
      'accounts' => [
        '#type' => 'table',
        '#prefix' => '<div class="entra-user-sync-scroll">',
        '#suffix' => '</div>',
        '#caption' => $this->t('Both accounts'),
        '#header' => [
          $this->t('System'),
          $this->t('Account'),
          $this->t('State'),
          ['data' => $this->t('Made by the sync'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
          ['data' => $this->t('Kept disabled by the sync'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
        ],
        '#attributes' => ['class' => ['entra-user-sync-table']],
        '#attached' => ['library' => ['entra_user_sync/pages']],
        '#rows' => [
          $this->accountRow($user, 'drupal', 'name'),
          $this->accountRow($user, 'entra', 'userPrincipalName'),
        ],
      ],
    ];
  }

  /**
   * One of the two accounts.
   */
  private function accountRow(Record $user, string $system, string $name): array {
    $account = $user->record('explanation', 'import', $system);
    $state = match (TRUE) {
      $account !== NULL => $account->isTrue('enabled') ? $this->t('Enabled') : $this->t('Disabled'),
      $user->record('explanation') !== NULL => $this->t('There is none'),
      default => $this->t('Not known'),
    };
    $isBlocked = in_array($user->text('link', 'blocks', $system), ['ours', 'parked'], TRUE);
    return [
      ['data' => $this->labels->system($system), 'header' => TRUE, 'scope' => 'row'],
      ['data' => (string) $account?->text($name), 'class' => ['entra-user-sync-long']],
      $state,
      $user->isTrue('link', 'madeByUs', $system) ? $this->t('yes') : $this->t('no'),
      $isBlocked ? $this->t('yes') : $this->t('no'),
    ];
  }

  /**
   * Who is joined with whom.
   */
  private function linkLine(?Record $link): TranslatableMarkup {
    $id = (string) $link?->text('entraObjectId');
    if ($id === '') {
      return $this->t('Nobody in Entra ID is joined with this user.');
    }
    $at = (string) $link?->text('linkedAt');
    return $at === ''
      ? $this->t('The object @id in Entra ID is reserved for this user; they are not joined yet.', ['@id' => $id])
      : $this->t('Joined with the object @id in Entra ID since @time.', ['@id' => $id, '@time' => $this->time($at)]);
  }

  /**
   * A delete that waits; NULL if none does.
   */
  private function deleteLine(Record $user): ?TranslatableMarkup {
    $due = $user->record('link', 'deleteDue');
    return $due === NULL ? NULL : $this->t('The account in @system is deleted at @time, unless the user comes back.', [
      '@system' => $this->labels->system($due->text('system')),
      '@time' => $this->time($due->text('at')),
    ]);
  }

  /**
   * A refusal that is tried again; NULL if there is none.
   */
  private function escrowLine(Record $user): ?TranslatableMarkup {
    $escrow = $user->record('escrow');
    if ($escrow === NULL) {
      return NULL;
    }
    $arguments = [
      '@system' => $this->labels->system($escrow->text('system')),
      '@why' => $escrow->text('reason', 'message'),
      '@time' => $this->time($escrow->text('nextAt')),
    ];
    return $escrow->text('nextAt') === ''
      ? $this->t('@system refused it, and it is not tried again by itself: @why', $arguments)
      : $this->t('@system refused it, and it is tried again at @time: @why', $arguments);
  }

  /**
   * Attributes that wait for an operator.
   *
   * @return \Drupal\Core\StringTranslation\TranslatableMarkup[]
   *   One for each.
   */
  private function conflictLines(Record $user): array {
    return array_map(fn (Record $conflict): TranslatableMarkup => $this->t('@attribute waits for a decision in the app: @why', [
      '@attribute' => $conflict->text('key'),
      '@why' => $conflict->text('message'),
    ]), $user->records('explanation', 'processing', 'conflicts'));
  }

  /**
   * A time, as the site writes it.
   */
  private function time(string $at): string {
    $time = preg_match('/^\d{4}-\d\d-\d\dT/', $at) ? strtotime($at) : FALSE;
    return $time === FALSE ? $at : $this->dateFormatter->format($time, 'short');
  }

}
