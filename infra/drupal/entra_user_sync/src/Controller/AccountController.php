<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Controller;

use Drupal\Core\Controller\ControllerBase;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\entra_user_sync\Console\AccountStates;
use Drupal\entra_user_sync\Console\AuditTable;
use Drupal\entra_user_sync\Console\Console;
use Drupal\entra_user_sync\Console\ConsoleWords;
use Drupal\entra_user_sync\Form\ProvisionForm;
use Drupal\user\UserInterface;

/**
 * The tab "Entra sync" of an account.
 *
 * @internal
 */
class AccountController extends ControllerBase {

  /**
   * How many entries of the history are shown.
   */
  private const NEWEST = 20;

  public function __construct(
    private readonly Console $console,
    private readonly ConsoleWords $words,
    private readonly AccountStates $states,
    private readonly AuditTable $auditTable,
  ) {}

  /**
   * The page.
   */
  public function page(UserInterface $user): array {
    // A button that was pressed acts first: what is told below is what then is.
    $form = $this->formBuilder()->getForm(ProvisionForm::class, $user);
    return [
      // The app is asked anew for each page.
      '#cache' => ['max-age' => 0, 'contexts' => ['user.permissions', 'url.query_args', 'timezone']],
      ...$this->told($user, $form),
    ];
  }

  /**
   * The title.
   */
  public function title(UserInterface $user): TranslatableMarkup {
    return $this->t('Entra sync of @name', ['@name' => $user->getDisplayName()]);
  }

  /**
   * What the app tells, around the form.
   */
  private function told(UserInterface $user, array $form): array {
    $answer = $this->console->user((string) $user->uuid());
    $page = [
      'states' => $answer->isAnswered()
        ? $this->states->build($answer->data)
        : $this->warning($this->words->of($answer)),
      'form' => $form,
    ];
    // Who is away is asked once: nobody waits for the same again.
    if ($answer->isOfApp() && !$answer->isAnswered()) {
      return $page;
    }
    $history = $this->console->audit(['user' => (string) $user->uuid(), 'limit' => (string) self::NEWEST]);
    $page['history'] = $history->isAnswered()
      ? $this->auditTable->build($history->data->records('items'), $this->t('History, newest first'), $this->nothingYet(), TRUE)
      : $this->warning($this->words->of($history));
    return $page;
  }

  /**
   * What is said where the history is empty, and what to do about it.
   */
  private function nothingYet(): TranslatableMarkup {
    return $this->currentUser()->hasPermission('sync users with entra')
      ? $this->t('Nothing has been done for this user yet. "Preview" tells what would be done, and "Sync now" does it.')
      : $this->t('Nothing has been done for this user yet. The sync looks at them when they are saved, and when its schedule is due.');
  }

  /**
   * Why something is not shown.
   */
  private function warning(TranslatableMarkup $words): array {
    return [
      '#theme' => 'status_messages',
      '#message_list' => ['warning' => [$words]],
      '#status_headings' => ['warning' => $this->t('Warning message')],
    ];
  }

}
