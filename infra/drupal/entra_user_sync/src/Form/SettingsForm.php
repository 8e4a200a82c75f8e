<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Form;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Config\TypedConfigManagerInterface;
use Drupal\Core\DependencyInjection\AutowireTrait;
use Drupal\Core\Extension\ModuleHandlerInterface;
use Drupal\Core\Form\ConfigFormBase;
use Drupal\Core\Form\ConfigTarget;
use Drupal\Core\Form\FormStateInterface;
use Drupal\Core\Form\RedundantEditableConfigNamesTrait;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\entra_user_sync\Delivery\AnswerWords;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Setup\SiteCheck;

/**
 * Where changes are sent, with which secret, and how sending goes.
 *
 * @internal
 */
class SettingsForm extends ConfigFormBase {

  use AutowireTrait;
  use RedundantEditableConfigNamesTrait;

  public function __construct(
    ConfigFactoryInterface $config_factory,
    TypedConfigManagerInterface $typed_config_manager,
    private readonly ModuleHandlerInterface $modules,
    private readonly Webhook $webhook,
    private readonly WebhookSecrets $secrets,
    private readonly DeliveryState $deliveryState,
    private readonly SiteCheck $siteCheck,
    private readonly AnswerWords $words,
  ) {
    parent::__construct($config_factory, $typed_config_manager);
  }

  /**
   * {@inheritdoc}
   */
  public function getFormId(): string {
    return 'entra_user_sync_settings';
  }

  /**
   * {@inheritdoc}
   */
  public function buildForm(array $form, FormStateInterface $form_state): array {
    $form['state'] = $this->buildState();
    $form['address'] = [
      '#type' => 'textfield',
      '#title' => $this->t('Address of the sync app'),
      '#description' => $this->t('For example https://sync-example.azurewebsites.net'),
      '#config_target' => new ConfigTarget('entra_user_sync.settings', 'address', toConfig: Webhook::baseOf(...)),
    ];
    $form['secret'] = $this->buildSecret();
    $form['account'] = [
      '#type' => 'details',
      '#title' => $this->t('Account of the sync app'),
      '#description' => $this->t('Whoever has this name or this role is the app. Its own changes are not sent back to it.'),
    ];
    $form['account']['name'] = [
      '#type' => 'textfield',
      '#title' => $this->t('User name'),
      '#config_target' => 'entra_user_sync.settings:account',
    ];
    $form['account']['role'] = [
      '#type' => 'machine_name',
      '#title' => $this->t('Role'),
      '#required' => FALSE,
      '#machine_name' => ['exists' => [self::class, 'neverTaken'], 'standalone' => TRUE],
      '#config_target' => 'entra_user_sync.settings:role',
    ];
    $form['account']['send_own_changes'] = [
      '#type' => 'checkbox',
      '#title' => $this->t('Also send changes that the app made itself'),
      '#config_target' => 'entra_user_sync.settings:send_own_changes',
    ];
    $form = parent::buildForm($form, $form_state);
    $isPaused = $this->deliveryState->pause() !== NULL;
    $form['actions']['test'] = [
      '#type' => 'submit',
      '#value' => $this->t('Save and send a test event'),
      '#submit' => ['::submitForm', '::sendTest'],
    ];
    $form['actions']['pause'] = [
      '#type' => 'submit',
      '#value' => $isPaused ? $this->t('Resume sending') : $this->t('Pause sending'),
      '#submit' => [$isPaused ? '::resume' : '::pause'],
      '#limit_validation_errors' => [],
    ];
    return $form;
  }

  /**
   * {@inheritdoc}
   */
  public function validateForm(array &$form, FormStateInterface $form_state): void {
    parent::validateForm($form, $form_state);
    $secret = trim((string) $form_state->getValue('new_secret'));
    if ($secret !== '' && strlen(WebhookSecrets::bytes($secret)) < WebhookSecrets::SHORTEST) {
      $form_state->setErrorByName('new_secret', $this->t('A secret has at least @bytes bytes; what follows whsec_ is base64.', ['@bytes' => WebhookSecrets::SHORTEST]));
    }
  }

  /**
   * {@inheritdoc}
   */
  public function submitForm(array &$form, FormStateInterface $form_state): void {
    parent::submitForm($form, $form_state);
    if ($form_state->getValue('forget_previous')) {
      $this->secrets->forgetPrevious();
    }
    $secret = trim((string) $form_state->getValue('new_secret'));
    if ($secret !== '') {
      $this->secrets->type($secret);
    }
  }

  /**
   * Sends a test event, and says in words what came back.
   */
  public function sendTest(array &$form, FormStateInterface $form_state): void {
    if (!$this->webhook->isReady()) {
      $this->messenger()->addError($this->t('An address and a secret are needed first.'));
      return;
    }
    $answer = $this->webhook->postTest();
    $words = $this->words->of($answer->reason, $answer->status);
    if ($answer->kind === AnswerKind::Accepted) {
      $this->messenger()->addStatus($words);
    }
    else {
      $this->messenger()->addError($words);
    }
  }

  /**
   * Stops sending; changes are still noted.
   */
  public function pause(): void {
    $this->deliveryState->pauseFor('person');
    $this->messenger()->addStatus($this->t('Sending is paused. Changes are still noted.'));
  }

  /**
   * Sends again: with the next change, or by cron.
   */
  public function resume(): void {
    $this->deliveryState->resume();
    $this->messenger()->addStatus($this->t('What waits is sent with the next change, or by cron.'));
  }

  /**
   * Lets the role's name be one that exists.
   */
  public static function neverTaken(): bool {
    return FALSE;
  }

  /**
   * How sending goes: the same that the status report says.
   */
  private function buildState(): array {
    $rows = [];
    foreach ($this->siteCheck->findings() as $finding) {
      $rows[] = [$finding['title'], $finding['value'], ['data' => $finding['description']]];
    }
    return [
      '#type' => 'table',
      '#caption' => $this->t('State'),
      '#header' => [$this->t('What'), $this->t('State'), $this->t('Details')],
      '#rows' => $rows,
    ];
  }

  /**
   * Where the secret comes from; what is set is never shown.
   */
  private function buildSecret(): array {
    $build = [
      '#type' => 'fieldset',
      '#title' => $this->t('Signing secret'),
      '#description' => match ($this->secrets->origin()) {
        'settings' => $this->t('It is set in settings.php.'),
        'environment' => $this->t('It is set in the environment variable ENTRA_USER_SYNC_SECRETS.'),
        'key' => $this->t('It comes from the Key module.'),
        'typed' => $this->t('It was typed in here.'),
        default => $this->t("None is set. Best is \$settings['entra_user_sync.secrets'] in settings.php, or the environment variable ENTRA_USER_SYNC_SECRETS: one secret, or two while one is replaced."),
      },
    ];
    if ($this->modules->moduleExists('key')) {
      $build['key'] = [
        '#type' => 'key_select',
        '#title' => $this->t('Key'),
        '#empty_option' => $this->t('- None -'),
        '#config_target' => new ConfigTarget('entra_user_sync.settings', 'key', toConfig: fn ($value): string => (string) $value),
      ];
    }
    if (in_array($this->secrets->origin(), ['settings', 'environment', 'key'], TRUE)) {
      return $build;
    }
    $build['new_secret'] = [
      '#type' => 'password',
      '#title' => $this->secrets->typed() > 0 ? $this->t('New secret') : $this->t('Secret'),
      '#description' => $this->t('Kept in the database, never in configuration, and never shown again. After a change, the one before signs too until you end that, so that the app can be changed in peace.'),
      '#attributes' => ['autocomplete' => 'new-password'],
    ];
    if ($this->secrets->typed() > 1) {
      $build['forget_previous'] = [
        '#type' => 'checkbox',
        '#title' => $this->t('The app has the new secret: stop signing with the one before'),
      ];
    }
    return $build;
  }

}
