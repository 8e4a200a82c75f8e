<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Form;

use Drupal\Core\DependencyInjection\AutowireTrait;
use Drupal\Core\Form\ConfirmFormBase;
use Drupal\Core\Form\FormStateInterface;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Setup\SetupRefused;
use Drupal\entra_user_sync\Setup\SitePreparation;

/**
 * Prepares the site, and shows the settings of the app once.
 *
 * @internal
 */
class SetupForm extends ConfirmFormBase {

  use AutowireTrait;

  public function __construct(private readonly SitePreparation $sitePreparation) {}

  /**
   * {@inheritdoc}
   */
  public function getFormId(): string {
    return 'entra_user_sync_setup';
  }

  /**
   * {@inheritdoc}
   */
  public function getQuestion(): TranslatableMarkup {
    return $this->t('Prepare this site for the sync app?');
  }

  /**
   * {@inheritdoc}
   */
  public function getDescription(): TranslatableMarkup {
    $settings = $this->config('entra_user_sync.settings');
    return $this->t('This makes the role %role, which may administer users and delete its own files, and the account %account with that role and a new password; it turns on JSON:API and HTTP Basic Authentication, and lets JSON:API write. If the account exists already, its password changes: the app needs the new one.', [
      '%role' => $settings->get('role'),
      '%account' => $settings->get('account'),
    ]);
  }

  /**
   * {@inheritdoc}
   */
  public function getConfirmText(): TranslatableMarkup {
    return $this->t('Prepare this site');
  }

  /**
   * {@inheritdoc}
   */
  public function getCancelUrl(): Url {
    return Url::fromRoute('entra_user_sync.settings');
  }

  /**
   * {@inheritdoc}
   */
  public function buildForm(array $form, FormStateInterface $form_state): array {
    // A rebuilt form goes to the form cache otherwise, and stays there for
    // hours: with the password in it.
    $form_state->disableCache();
    // A temporary value lives for this one answer, which no browser keeps (the
    // route says so). It is the answer of the POST itself: a page to be
    // redirected to would need the password stored meanwhile.
    $settings = $form_state->getTemporaryValue('settings');
    if (is_array($settings)) {
      return $form + $this->buildSettings($settings);
    }
    $refusal = $this->sitePreparation->refusal();
    if ($refusal === NULL) {
      return parent::buildForm($form, $form_state);
    }
    $form['refusal'] = [
      '#theme' => 'status_messages',
      '#message_list' => ['error' => [$refusal]],
      '#status_headings' => ['error' => $this->t('Error message')],
    ];
    return $form;
  }

  /**
   * {@inheritdoc}
   */
  public function submitForm(array &$form, FormStateInterface $form_state): void {
    try {
      $url = Url::fromRoute('<front>', [], ['absolute' => TRUE])->toString();
      $form_state->setTemporaryValue('settings', $this->sitePreparation->prepare($url));
    }
    catch (SetupRefused) {
      // The form that is built now says why.
    }
    $form_state->setRebuild();
  }

  /**
   * The settings of the app, shown this once.
   */
  private function buildSettings(array $settings): array {
    $lines = array_map(fn (string $name, string $value): string => "$name=$value", array_keys($settings), $settings);
    return [
      'settings' => [
        '#type' => 'textarea',
        '#title' => $this->t('Settings of the app'),
        '#description' => $this->t('Paste them now: the password is shown this once. WEBHOOK_SECRETS is missing if a secret was set already.'),
        '#value' => implode("\n", $lines),
        '#rows' => count($lines) + 1,
        '#attributes' => ['readonly' => 'readonly', 'autocomplete' => 'off', 'spellcheck' => 'false'],
      ],
      'oauth' => [
        '#markup' => '<p>' . $this->t('With Simple OAuth instead of a password: make a consumer with the grant "client credentials", this account as its user and a scope that gives its role; then set DRUPAL_AUTH=oauth, DRUPAL_CLIENT_ID, DRUPAL_CLIENT_SECRET and DRUPAL_SCOPE.') . '</p>',
      ],
    ];
  }

}
