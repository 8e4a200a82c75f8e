<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Hook;

use Drupal\Core\Extension\ModuleExtensionList;
use Drupal\Core\Extension\Requirement\RequirementSeverity;
use Drupal\Core\Hook\Attribute\Hook;
use Drupal\Core\Routing\RouteMatchInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Outbox\Dispatcher;
use Drupal\entra_user_sync\Outbox\Outbox;
use Drupal\entra_user_sync\Setup\SiteCheck;

/**
 * Cron, help, the status report, and what is said before uninstalling.
 */
class SiteHooks {

  use StringTranslationTrait;

  /**
   * Rows and seconds of one run of cron; what is left is for the next.
   */
  private const ROWS = 5000;
  private const SECONDS = 60;

  public function __construct(
    private readonly Outbox $outbox,
    private readonly Dispatcher $dispatcher,
    private readonly SiteCheck $siteCheck,
    private readonly ModuleExtensionList $moduleExtensionList,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * Implements hook_cron().
   *
   * Leaves the app alone after a failure for as long as changes do: what is
   * down, or says when to come back, is helped by nobody's cron.
   */
  #[Hook('cron')]
  public function cron(): void {
    $this->dispatcher->send(self::ROWS, self::SECONDS);
  }

  /**
   * Implements hook_runtime_requirements().
   *
   * Drupal 11.2 and newer; before, hook_requirements() does it.
   */
  #[Hook('runtime_requirements')]
  public function runtimeRequirements(): array {
    $severities = [
      'info' => RequirementSeverity::Info,
      'ok' => RequirementSeverity::OK,
      'warning' => RequirementSeverity::Warning,
      'error' => RequirementSeverity::Error,
    ];
    $requirements = [];
    foreach ($this->siteCheck->findings() as $id => $finding) {
      $requirements["entra_user_sync_$id"] = ['severity' => $severities[$finding['severity']]] + $finding;
    }
    return $requirements;
  }

  /**
   * Implements hook_help().
   */
  #[Hook('help')]
  public function help(string $route_name, RouteMatchInterface $route_match): array|string {
    return match ($route_name) {
      'help.page.entra_user_sync' => '<h2>' . $this->t('About') . '</h2><p>'
      . $this->t('The Entra user sync module tells the sync app of every change to a user, so that Drupal and Microsoft Entra ID keep the same people. It sends which user has changed, and no value of the user: the app reads the user itself, with an account of its own.')
      . '</p><h2>' . $this->t('Uses') . '</h2><dl><dt>' . $this->t('Connecting the app') . '</dt><dd>'
      . $this->t('<a href=":prepare">Prepare this site</a>, paste what it shows into the settings of the app, and then give the address of the app on the <a href=":settings">settings page</a> and send a test event.', [
        ':prepare' => Url::fromRoute('entra_user_sync.setup')->toString(),
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ])
      . '</dd><dt>' . $this->t('Losing nothing') . '</dt><dd>'
      . $this->t('A change is noted together with the save itself, and is kept until the app has confirmed it. It is sent after the page, then by cron, and with the next change. Let cron run every few minutes. The <a href=":report">status report</a> tells how many changes wait, and why.', [
        ':report' => Url::fromRoute('system.status')->toString(),
      ])
      . '</dd><dt>' . $this->t('Seeing what happens') . '</dt><dd>'
      . $this->t('If the app lets this site ask (its setting DRUPAL_CONSOLE), the tab <em>Entra sync</em> of each account tells why a user is as they are, and the <a href=":audit">report</a> tells what was done. There are permissions for both.', [
        ':audit' => Url::fromRoute('entra_user_sync.report')->toString(),
      ])
      . '</dd></dl>',
      'entra_user_sync.settings' => '<p>' . $this->t('Changes to users are sent to the sync app, which keeps Drupal and Microsoft Entra ID the same.') . '</p>',
      default => '',
    };
  }

  /**
   * Implements hook_form_FORM_ID_alter() for the uninstall confirmation.
   */
  #[Hook('form_system_modules_uninstall_confirm_form_alter')]
  public function formUninstallAlter(array &$form): void {
    $rows = $this->outbox->depth()['rows'];
    // The form lists modules by their names, and by nothing else.
    $name = $this->moduleExtensionList->getName('entra_user_sync');
    if ($rows > 0 && in_array($name, $form['modules']['#items'] ?? [], TRUE)) {
      $form['entra_user_sync_unsent'] = [
        '#theme' => 'status_messages',
        '#message_list' => [
          'warning' => [
            $this->formatPlural($rows, 'The change of 1 user has not been sent to the sync app. Uninstalling Entra user sync discards it.', 'The changes of @count users have not been sent to the sync app. Uninstalling Entra user sync discards them.'),
          ],
        ],
        '#weight' => -10,
      ];
    }
  }

}
