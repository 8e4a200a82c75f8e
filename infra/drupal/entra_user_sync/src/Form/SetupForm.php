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
    // For who shows the form elsewhere; here is a list instead.
    return $this->t('This makes a role and an account for the sync app, and lets JSON:API write.');
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
      $form = parent::buildForm($form, $form_state);
      $form['description'] = $this->buildPlan();
      return $form;
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
      $form_state->setTemporaryValue('settings', $this->sitePreparation->prepare(SitePreparation::siteUrl()));
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
      'once' => [
        '#theme' => 'status_messages',
        '#message_list' => [
          'warning' => [$this->t('Copy this now: the password is shown this once, and kept nowhere. Reloading this page makes another.')],
        ],
        '#status_headings' => ['warning' => $this->t('Warning message')],
      ],
      'settings' => [
        '#type' => 'textarea',
        '#title' => $this->t('Settings of the app'),
        '#description' => isset($settings['WEBHOOK_SECRETS']) ? '' : $this->t('WEBHOOK_SECRETS is not among them, as a secret was set before: it is never shown.'),
        '#value' => implode("\n", $lines),
        '#rows' => count($lines) + 3,
        '#attributes' => [
          'class' => ['entra-user-sync-once'],
          'readonly' => 'readonly',
          'autocomplete' => 'off',
          'spellcheck' => 'false',
        ],
        '#attached' => ['library' => ['entra_user_sync/pages']],
      ],
      'next' => [
        '#theme' => 'item_list',
        '#list_type' => 'ol',
        '#title' => $this->t('What is next'),
        '#items' => [
          $this->t('Add each line to the settings of the app: in the Azure portal, "Environment variables" of the function app.'),
          $this->t('Give the address of the app on the <a href=":settings">settings page</a>, and send a test event.', [
            ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
          ]),
          $this->t('Let <a href=":cron">cron</a> run every few minutes.', [
            ':cron' => Url::fromRoute('system.cron_settings')->toString(),
          ]),
          $this->t('If the configuration of this site is kept in files, export it now (<code>drush cex</code>): the next import would otherwise delete the role, and close JSON:API again.'),
        ],
      ],
      'oauth' => [
        '#type' => 'details',
        '#title' => $this->t('With Simple OAuth instead of a password'),
        'how' => [
          '#markup' => '<p>' . $this->t('Make a consumer with the grant "client credentials", this account as its user and a scope that gives its role; then set DRUPAL_AUTH=oauth, DRUPAL_CLIENT_ID, DRUPAL_CLIENT_SECRET and DRUPAL_SCOPE.') . '</p>',
        ],
      ],
    ];
  }

  /**
   * What will be done.
   */
  private function buildPlan(): array {
    $settings = $this->config('entra_user_sync.settings');
    $arguments = ['%role' => $settings->get('role'), '%account' => $settings->get('account')];
    return [
      '#theme' => 'item_list',
      '#title' => $this->t('What is done'),
      '#items' => [
        $this->t('The role %role is made. It may administer users, and delete files that it uploaded itself.', $arguments),
        $this->t('The account %account is made, with that role and a random password. If it was made here before, it gets a new password, and the app needs that one.', $arguments),
        $this->t('JSON:API and HTTP Basic Authentication are turned on, and JSON:API may write. What an account may write is still for its permissions to say.'),
        $this->t('A signing secret is made, if none is set.'),
      ],
    ];
  }

}
