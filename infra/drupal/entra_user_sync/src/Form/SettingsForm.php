<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Form;

use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Config\TypedConfigManagerInterface;
use Drupal\Core\Datetime\DateFormatterInterface;
use Drupal\Core\DependencyInjection\AutowireTrait;
use Drupal\Core\Extension\ModuleHandlerInterface;
use Drupal\Core\Form\ConfigFormBase;
use Drupal\Core\Form\ConfigTarget;
use Drupal\Core\Form\FormStateInterface;
use Drupal\Core\Form\RedundantEditableConfigNamesTrait;
use Drupal\Core\Form\ToConfig;
use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\entra_user_sync\Delivery\AnswerWords;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Outbox\Outbox;
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
    private readonly Outbox $outbox,
    private readonly SiteCheck $siteCheck,
    private readonly AnswerWords $words,
    private readonly DateFormatterInterface $dateFormatter,
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
      '#description' => $this->t('Whoever has this role is the app, and whoever has this name and may administer users; if no role is given, whoever has this name. Its own changes are not sent back to it.'),
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
    // Others may pause or resume between page and click. A button that is not
    // there then would be taken for the first of the form, which saves: so who
    // has pressed one has it.
    $pressed = $form_state->getUserInput()['op'] ?? NULL;
    $form['actions']['pause'] = [
      '#type' => 'submit',
      '#value' => $this->t('Pause sending'),
      '#submit' => ['::pause'],
      '#limit_validation_errors' => [],
    ];
    $form['actions']['resume'] = [
      '#type' => 'submit',
      '#value' => $this->t('Resume sending'),
      '#submit' => ['::resume'],
      '#limit_validation_errors' => [],
    ];
    foreach (['pause' => !$isPaused, 'resume' => $isPaused] as $name => $isShown) {
      $form['actions'][$name]['#access'] = $isShown || $pressed === (string) $form['actions'][$name]['#value'];
    }
    return $form;
  }

  /**
   * {@inheritdoc}
   */
  public function validateForm(array &$form, FormStateInterface $form_state): void {
    parent::validateForm($form, $form_state);
    $secret = trim((string) $form_state->getValue('new_secret'));
    if ($secret === '') {
      return;
    }
    $fault = match (TRUE) {
      strlen(WebhookSecrets::bytes($secret)) < WebhookSecrets::SHORTEST => $this->t('A secret has at least @bytes bytes; what follows whsec_ is base64.', ['@bytes' => WebhookSecrets::SHORTEST]),
      // The app's setting separates several by them.
      preg_match('/[\s,]/', $secret) === 1 => $this->t('A secret has no blank and no comma: the app would read it as two.'),
      count($this->secrets->listed()) - count($this->removed($form_state)) >= WebhookSecrets::MOST => $this->t('There are @most secrets, and the app takes no more. Remove one.', ['@most' => WebhookSecrets::MOST]),
      default => NULL,
    };
    if ($fault !== NULL) {
      $form_state->setErrorByName('new_secret', $fault);
    }
  }

  /**
   * {@inheritdoc}
   */
  public function submitForm(array &$form, FormStateInterface $form_state): void {
    $before = [$this->webhook->url(), $this->secrets->keys()];
    parent::submitForm($form, $form_state);
    array_map($this->secrets->remove(...), $this->removed($form_state));
    $secret = trim((string) $form_state->getValue('new_secret'));
    if ($secret !== '') {
      $this->secrets->type($secret);
    }
    // What failed may be mended by it.
    if ([$this->webhook->url(), $this->secrets->keys()] !== $before) {
      $this->release();
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
    if ($answer->kind !== AnswerKind::Accepted) {
      $this->messenger()->addError($words);
      return;
    }
    $this->messenger()->addStatus($words);
    $this->release();
    if ($this->deliveryState->pause() !== NULL) {
      // The cause may be mended; whether to go on is for a person to say.
      $this->messenger()->addWarning($this->t('Sending is still paused: resume it with the button below.'));
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
    $this->sayWhatWaits();
  }

  /**
   * Leaves the app alone no longer, and says so where something waits.
   */
  private function release(): void {
    $this->deliveryState->release();
    if ($this->deliveryState->pause() === NULL && $this->webhook->isReady() && $this->outbox->depth()['rows'] > 0) {
      $this->sayWhatWaits();
    }
  }

  /**
   * Says when it goes on.
   */
  private function sayWhatWaits(): void {
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
      $mark = ['ok' => 'success', 'warning' => 'warning', 'error' => 'failure'][$finding['severity']] ?? 'info';
      $details = $finding['description'];
      $rows[] = [
        ['data' => $finding['name'], 'header' => TRUE, 'scope' => 'row'],
        [
          'data' => [
            'value' => [
              '#type' => 'html_tag',
              '#tag' => 'strong',
              '#attributes' => ['class' => ['entra-user-sync-mark', "entra-user-sync-mark--$mark"]],
              'word' => ['#markup' => $finding['value']],
            ],
            'details' => is_array($details) ? $details : [
              '#markup' => $details,
              '#prefix' => '<div>',
              '#suffix' => '</div>',
            ],
          ],
          'class' => ['entra-user-sync-long'],
        ],
      ];
    }
    return [
      '#type' => 'table',
      '#caption' => $this->t('How sending goes'),
      '#header' => [$this->t('What'), $this->t('State, and what to do')],
      '#rows' => $rows,
      '#attributes' => ['class' => ['entra-user-sync-table']],
      '#attached' => ['library' => ['entra_user_sync/pages']],
    ];
  }

  /**
   * Where the secrets come from; what they are is never shown.
   */
  private function buildSecret(): array {
    $listed = $this->secrets->listed();
    $origins = array_column($listed, 'origin');
    $build = [
      '#type' => 'fieldset',
      '#title' => $this->t('Signing secrets'),
      'help' => [
        '#markup' => '<p>' . $this->t('All that sign do so at once, and the app takes whichever it has. To replace one: add the new one here, give it to the app (its setting WEBHOOK_SECRETS), then remove the old one.') . '</p>',
      ],
    ];
    $build['secrets'] = [
      '#type' => 'table',
      '#caption' => $this->t('Secrets that are set'),
      '#header' => [
        $this->t('Where it stands'),
        ['data' => $this->t('Since'), 'class' => [RESPONSIVE_PRIORITY_LOW]],
        ['data' => $this->t('Length'), 'class' => [RESPONSIVE_PRIORITY_MEDIUM]],
        $this->t('State'),
        $this->t('Remove'),
      ],
      '#prefix' => '<div class="entra-user-sync-scroll">',
      '#suffix' => '</div>',
      '#attributes' => ['class' => ['entra-user-sync-table']],
      '#empty' => $this->t("None is set. Best is \$settings['entra_user_sync.secrets'] in settings.php, or the environment variable ENTRA_USER_SYNC_SECRETS: one secret, or several while one is replaced."),
    ];
    foreach ($listed as $index => $secret) {
      $build['secrets'][$secret['id'] ?? $index] = $this->secretRow($secret, $index + 1);
    }
    if ($this->modules->moduleExists('key')) {
      $build['key'] = [
        '#type' => 'key_select',
        '#title' => $this->t('Key'),
        '#empty_option' => $this->t('- None -'),
        '#config_target' => new ConfigTarget('entra_user_sync.settings', 'key', toConfig: fn ($value): string => (string) $value),
      ];
    }
    elseif ($this->secrets->keyFault() !== NULL) {
      // The module is gone: so can be what was chosen of it.
      $build['key'] = [
        '#type' => 'checkbox',
        '#title' => $this->t('Forget the key that was chosen: the Key module is off'),
        '#config_target' => new ConfigTarget(
          'entra_user_sync.settings',
          'key',
          fromConfig: fn (): bool => FALSE,
          toConfig: fn ($value): mixed => $value ? '' : ToConfig::NoOp,
        ),
      ];
    }
    // Who has a better place has no use for this one.
    if (array_diff($origins, ['typed']) === []) {
      $build['new_secret'] = [
        '#type' => 'password',
        '#title' => $origins === [] ? $this->t('Secret') : $this->t('New secret'),
        '#description' => $this->t('For example whsec_ and what <code>openssl rand -base64 32</code> prints. Kept in the database, never in configuration, and never shown again.'),
        '#attributes' => ['autocomplete' => 'new-password'],
      ];
    }
    return $build;
  }

  /**
   * One secret.
   */
  private function secretRow(array $secret, int $number): array {
    return [
      'origin' => [
        '#wrapper_attributes' => ['class' => ['entra-user-sync-long']],
        '#plain_text' => match ($secret['origin']) {
          'settings' => $this->t('settings.php'),
          'environment' => $this->t('Environment variable ENTRA_USER_SYNC_SECRETS'),
          'key' => $this->t('Key module'),
          default => $this->t('Typed in here'),
        },
      ],
      'since' => ['#plain_text' => $secret['since'] === NULL ? '–' : $this->dateFormatter->format($secret['since'], 'short')],
      'bytes' => ['#plain_text' => $this->formatPlural($secret['bytes'], '1 byte', '@count bytes')],
      'state' => [
        '#plain_text' => match ($secret['state']) {
          'signs' => $this->t('Signs'),
          'too_short' => $this->t('Too short: does not sign'),
          'not_base64' => $this->t('Not base64: does not sign'),
          'twice' => $this->t('The same as one above'),
          default => $this->t('One too many: does not sign'),
        },
      ],
      'remove' => $secret['id'] === NULL ? ['#plain_text' => $this->t('Remove it there')] : [
        '#type' => 'checkbox',
        '#title' => $this->t('Remove secret @number', ['@number' => $number]),
        '#title_display' => 'invisible',
      ],
    ];
  }

  /**
   * The ids of the secrets that were marked for removal.
   *
   * @return string[]
   *   The ids.
   */
  private function removed(FormStateInterface $form_state): array {
    $rows = $form_state->getValue('secrets');
    return is_array($rows) ? array_keys(array_filter($rows, fn ($row): bool => !empty($row['remove']))) : [];
  }

}
