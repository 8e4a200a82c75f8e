<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Setup;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Config\ConfigFactoryInterface;
use Drupal\Core\Datetime\DateFormatterInterface;
use Drupal\Core\Entity\EntityTypeManagerInterface;
use Drupal\Core\Extension\ModuleHandlerInterface;
use Drupal\Core\State\StateInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Delivery\AnswerWords;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Outbox\Outbox;
use Drupal\user\UserInterface;

/**
 * Looks at the site: is it set up, and is anything waiting?
 */
class SiteCheck {

  use StringTranslationTrait;

  /**
   * A change that has waited for longer is worth a warning, in seconds.
   */
  private const LATE = 900;

  /**
   * Cron that has not run for longer is worth a warning, in seconds.
   */
  private const CRON_LATE = 10800;

  /**
   * Where addresses may begin with http://: nobody listens in between.
   */
  private const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

  public function __construct(
    private readonly Outbox $outbox,
    private readonly DeliveryState $deliveryState,
    private readonly Webhook $webhook,
    private readonly WebhookSecrets $secrets,
    private readonly AnswerWords $words,
    private readonly ConfigFactoryInterface $configFactory,
    private readonly ModuleHandlerInterface $moduleHandler,
    private readonly DateFormatterInterface $dateFormatter,
    private readonly TimeInterface $time,
    private readonly EntityTypeManagerInterface $entityTypeManager,
    private readonly StateInterface $state,
    private readonly SitePreparation $sitePreparation,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * What the status report shows.
   *
   * @return array<string, array>
   *   Requirements by id, with title, value, description and severity: "ok",
   *   "info", "warning" or "error"; and a name that is short for the title.
   */
  public function findings(): array {
    return array_filter([
      'outbox' => $this->outboxFinding(),
      'address' => $this->addressFinding(),
      'secret' => $this->secretFinding(),
      'key' => $this->keyFinding(),
      'jsonapi' => $this->jsonApiFinding(),
      'account' => $this->accountFinding(),
      'cron' => $this->cronFinding(),
    ]);
  }

  /**
   * Depth of the outbox, and how sending goes.
   */
  private function outboxFinding(): array {
    $depth = $this->outbox->depth();
    $now = $this->time->getCurrentTime();
    $pause = $this->deliveryState->pause();
    $success = $this->deliveryState->lastSuccess();
    $failure = $this->deliveryState->lastFailure();
    $lines = [
      $success === NULL
        ? $this->t('Nothing has been accepted by the app yet.')
        : $this->t('Last success: @time.', ['@time' => $this->dateFormatter->format($success, 'short')]),
    ];
    if ($depth['oldest'] !== NULL) {
      $lines[] = $this->t('The oldest change has waited for @time.', [
        '@time' => $this->dateFormatter->formatInterval(max($now - $depth['oldest'], 0)),
      ]);
    }
    if ($depth['refused'] > 0) {
      $lines[] = $this->formatPlural($depth['refused'], '1 change failed: the app refused it, or the process that sent it ended.', '@count changes failed: the app refused them, or the process that sent them ended.');
    }
    if ($pause !== NULL) {
      $lines[] = $this->t('Sending is paused since @time: @why <a href=":settings">Resume it</a> when the cause is mended.', [
        '@time' => $this->dateFormatter->format($pause['since'], 'short'),
        '@why' => $pause['reason'] === 'person'
          ? $this->t('somebody pressed "Pause sending".')
          : $this->words->of($pause['reason'], NULL),
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]);
    }
    $held = $this->deliveryState->heldUntil();
    if ($held > $now) {
      $lines[] = $this->t('After failures, the app is left alone until @time.', [
        '@time' => $this->dateFormatter->format($held, 'short'),
      ]);
    }
    if ($failure !== NULL && $failure['at'] >= (int) $success) {
      $lines[] = $this->t('Last failure, @time: @words', [
        '@time' => $this->dateFormatter->format($failure['at'], 'short'),
        '@words' => $this->words->of($failure['reason'], $failure['status']),
      ]);
    }
    $isLate = $depth['oldest'] !== NULL && $now - $depth['oldest'] > self::LATE;
    $name = $this->t('Outbox');
    return [
      'name' => $name,
      'title' => $this->t('Entra user sync: @name', ['@name' => $name]),
      'value' => $depth['rows'] === 0
        ? $this->t('Empty')
        : $this->formatPlural($depth['rows'], '1 user waits', '@count users wait'),
      'description' => ['#theme' => 'item_list', '#items' => $lines],
      'severity' => match (TRUE) {
        $pause !== NULL => 'error',
        $isLate || $depth['refused'] > 0 => 'warning',
        default => 'ok',
      },
    ];
  }

  /**
   * The address of the app.
   */
  private function addressFinding(): ?array {
    $url = $this->webhook->url();
    if ($url === '') {
      return $this->finding('error', $this->t('Address'), $this->t('Not set'), $this->t('Changes are noted, and wait until the <a href=":settings">address of the app is set</a>.', [
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]));
    }
    if (str_starts_with($url, 'https://')) {
      return NULL;
    }
    $name = $this->t('Address');
    // The form takes no other; settings.php may set it past the form.
    return in_array(parse_url($url, PHP_URL_HOST), self::LOOPBACK, TRUE)
      ? $this->finding('info', $name, $this->t('On this machine'), $this->t('The address begins with http://. That is for development on one machine.'))
      : $this->finding('error', $name, $this->t('Not encrypted'), $this->t('What is sent can be read and sent again by others: the address must begin with https://. If it is not the one of the <a href=":settings">settings page</a>, settings.php sets it.', [
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]));
  }

  /**
   * The signing secret.
   */
  private function secretFinding(): ?array {
    $name = $this->t('Secret');
    $listed = $this->secrets->listed();
    $unusable = array_filter($listed, fn (array $secret): bool => in_array($secret['state'], ['too_short', 'not_base64'], TRUE));
    if ($unusable !== []) {
      return $this->finding('error', $name, $this->t('Not usable'), $this->t('A secret has at least @bytes bytes; what follows whsec_ is base64.', ['@bytes' => WebhookSecrets::SHORTEST]));
    }
    if ($listed === []) {
      return $this->finding('error', $name, $this->t('Not set'), $this->t("Changes are noted, and wait for a secret: \$settings['entra_user_sync.secrets'] in settings.php, the environment variable ENTRA_USER_SYNC_SECRETS, a key of the Key module, or the settings page."));
    }
    return in_array('typed', array_column($listed, 'origin'), TRUE)
      ? $this->finding('info', $name, $this->t('In the database'), $this->t('It was typed in, and stands in the database and its backups. settings.php, the environment or the Key module keep it apart from them.'))
      : NULL;
  }

  /**
   * The key that was chosen, if it gives no secret.
   */
  private function keyFinding(): ?array {
    $words = match ($this->secrets->keyFault()) {
      NULL => NULL,
      'no_module' => $this->t('The Key module, which holds the chosen key "@key", is off.', $this->keyArguments()),
      'deleted' => $this->t('The chosen key "@key" is not there any more.', $this->keyArguments()),
      'failing' => $this->t('The chosen key "@key" cannot be read now: its provider fails.', $this->keyArguments()),
      default => $this->t('The chosen key "@key" is empty.', $this->keyArguments()),
    };
    return $words === NULL ? NULL : $this->finding('error', $this->t('Key'), $words, $this->t('Choose another key, or none, on the <a href=":settings">settings page</a>.', [
      ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
    ]));
  }

  /**
   * The id of the chosen key.
   */
  private function keyArguments(): array {
    return ['@key' => (string) $this->configFactory->get('entra_user_sync.settings')->get('key')];
  }

  /**
   * Whether the app can write at all.
   */
  private function jsonApiFinding(): ?array {
    $setup = [':setup' => Url::fromRoute('entra_user_sync.setup')->toString()];
    $name = $this->t('Way back');
    if (!$this->moduleHandler->moduleExists('jsonapi')) {
      return $this->finding('error', $name, $this->t('JSON:API is off'), $this->t('The app reads and writes users by JSON:API. <a href=":setup">Prepare this site</a>.', $setup));
    }
    if ($this->configFactory->get('jsonapi.settings')->get('read_only')) {
      return $this->finding('error', $name, $this->t('JSON:API is read-only'), $this->t('The app can read users, and write none. <a href=":setup">Prepare this site</a>.', $setup));
    }
    if (!$this->moduleHandler->moduleExists('basic_auth') && !$this->moduleHandler->moduleExists('simple_oauth')) {
      return $this->finding('error', $name, $this->t('No way to sign in'), $this->t('The app signs in with HTTP Basic Authentication or with Simple OAuth, and neither is on. <a href=":setup">Prepare this site</a>.', $setup));
    }
    return NULL;
  }

  /**
   * The account that the app signs in with.
   */
  private function accountFinding(): ?array {
    $settings = $this->configFactory->get('entra_user_sync.settings');
    $name = $this->t('Account');
    // Nobody (uid 0) has no name either.
    if ((string) $settings->get('account') === '') {
      return $this->finding('error', $name, $this->t('Not set'), $this->t('Give the user name of the app’s account on the <a href=":settings">settings page</a>.', [
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]));
    }
    $found = $this->entityTypeManager->getStorage('user')->loadByProperties(['name' => (string) $settings->get('account')]);
    $account = reset($found);
    $arguments = [
      '@name' => (string) $settings->get('account'),
      '@role' => (string) $settings->get('role'),
      ':setup' => Url::fromRoute('entra_user_sync.setup')->toString(),
    ];
    if (!$account instanceof UserInterface) {
      return $this->finding('error', $name, $this->t('There is none'), $this->t('The app signs in as "@name", and there is no such account. <a href=":setup">Prepare this site</a>.', $arguments));
    }
    $arguments[':account'] = $account->toUrl('edit-form')->toString();
    if ($account->isBlocked()) {
      return $this->finding('error', $name, $this->t('Blocked'), $this->t('The app cannot sign in as "@name". <a href=":account">Set the account active</a>.', $arguments));
    }
    // "delete own files" comes with the File module.
    $needed = $this->moduleHandler->moduleExists('file') ? SitePreparation::PERMISSIONS : ['administer users'];
    $lacking = array_filter($needed, fn (string $permission): bool => !$account->hasPermission($permission));
    if ($lacking !== []) {
      return $this->finding('error', $name, $this->t('Has not all rights'), $this->t('The account "@name" lacks: @lacking. Give them to the role "@role", and the role to the account, or <a href=":setup">prepare this site</a> again (that changes the password).', $arguments + [
        '@lacking' => implode(', ', $lacking),
      ]));
    }
    return $this->roleFinding($name, $account, $arguments);
  }

  /**
   * Whether the account has the role by which the app is known, and it alone.
   */
  private function roleFinding(TranslatableMarkup $name, UserInterface $account, array $arguments): ?array {
    $role = $arguments['@role'];
    if ($role === '') {
      return NULL;
    }
    if (!$account->hasRole($role)) {
      return $this->finding('error', $name, $this->t('Has not the role'), $this->t('The settings name the role "@role" as the app’s, and the account "@name" does not have it: it is known by its name and its right alone. <a href=":account">Give it the role</a>, or name its role on the <a href=":settings">settings page</a>.', $arguments + [
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]));
    }
    $others = $this->sitePreparation->otherMembers($role, $account);
    return $others === [] ? NULL : $this->finding('warning', $name, $this->t('Others have its role'), $this->t('Whoever has the role "@role" is taken for the app, and what they change is not sent: @others. Take it from them at <a href=":people">People</a>.', $arguments + [
      '@others' => implode(', ', $others),
      ':people' => Url::fromRoute('entity.user.collection')->toString(),
    ]));
  }

  /**
   * Whether cron runs, which sends what could not be sent at once.
   */
  private function cronFinding(): ?array {
    $last = (int) $this->state->get('system.cron_last', 0);
    $since = $this->time->getCurrentTime() - $last;
    if ($since <= self::CRON_LATE) {
      return NULL;
    }
    return $this->finding('warning', $this->t('Cron'), $last === 0
      ? $this->t('Has never run')
      : $this->t('Last ran @interval ago', ['@interval' => $this->dateFormatter->formatInterval($since)]), $this->t('What could not be sent with the page waits for cron. <a href=":cron">Let it run</a> every few minutes, or put <code>drush entra-user-sync:send</code> into a crontab.', [
        ':cron' => Url::fromRoute('system.cron_settings')->toString(),
      ]));
  }

  /**
   * One requirement.
   */
  private function finding(string $severity, TranslatableMarkup $name, TranslatableMarkup $value, TranslatableMarkup $description): array {
    // Among other modules' lines it has to say whose it is.
    $title = $this->t('Entra user sync: @name', ['@name' => $name]);
    return compact('severity', 'name', 'title', 'value', 'description');
  }

}
