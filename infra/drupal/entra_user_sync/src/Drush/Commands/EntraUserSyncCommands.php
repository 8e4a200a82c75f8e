<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Drush\Commands;

use Drupal\entra_user_sync\Delivery\AnswerKind;
use Drupal\entra_user_sync\Delivery\AnswerWords;
use Drupal\entra_user_sync\Delivery\Webhook;
use Drupal\entra_user_sync\Outbox\DeliveryState;
use Drupal\entra_user_sync\Outbox\Dispatcher;
use Drupal\entra_user_sync\Outbox\Outbox;
use Drupal\entra_user_sync\Setup\SetupRefused;
use Drupal\entra_user_sync\Setup\SitePreparation;
use Drush\Attributes as CLI;
use Drush\Commands\AutowireTrait;
use Drush\Commands\DrushCommands;

/**
 * Drush commands of the Entra user sync module.
 */
final class EntraUserSyncCommands extends DrushCommands {

  use AutowireTrait;

  public function __construct(
    private readonly SitePreparation $sitePreparation,
    private readonly Dispatcher $dispatcher,
    private readonly Outbox $outbox,
    private readonly DeliveryState $deliveryState,
    private readonly Webhook $webhook,
    private readonly AnswerWords $words,
  ) {
    parent::__construct();
  }

  /**
   * Makes role and account, opens JSON:API, prints the settings of the app.
   */
  #[CLI\Command(name: 'entra-user-sync:setup')]
  #[CLI\Usage(name: 'drush entra-user-sync:setup --uri=https://www.example.com', description: 'Prepares the site. Repeating it changes the password of the account.')]
  public function setup(): int {
    try {
      $settings = $this->sitePreparation->prepare(SitePreparation::siteUrl());
    }
    catch (SetupRefused $refused) {
      $this->logger()->error($refused->getMessage());
      return self::EXIT_FAILURE;
    }
    foreach ($settings as $name => $value) {
      $this->output()->writeln("$name=$value");
    }
    return self::EXIT_SUCCESS;
  }

  /**
   * Sends what waits in the outbox; for a crontab of its own.
   */
  #[CLI\Command(name: 'entra-user-sync:send')]
  #[CLI\Option(name: 'rows', description: 'How many at most.')]
  #[CLI\Option(name: 'seconds', description: 'After how many seconds none is begun any more.')]
  #[CLI\Option(name: 'now', description: 'Ask the app even while it is left alone after failures. Not for a crontab.')]
  public function send(array $options = ['rows' => 5000, 'seconds' => 60, 'now' => FALSE]): void {
    $sent = $this->dispatcher->send((int) $options['rows'], (float) $options['seconds'], (bool) $options['now']);
    $this->logger()->success(dt('@sent sent, @left left.', ['@sent' => $sent, '@left' => $this->outbox->depth()['rows']]));
  }

  /**
   * Sends a test event and says what came back.
   */
  #[CLI\Command(name: 'entra-user-sync:test')]
  public function test(): int {
    if (!$this->webhook->isReady()) {
      $this->logger()->error(dt('An address and a secret are needed first.'));
      return self::EXIT_FAILURE;
    }
    $answer = $this->webhook->postTest();
    $this->output()->writeln((string) $this->words->of($answer->reason, $answer->status));
    if ($answer->kind !== AnswerKind::Accepted) {
      return self::EXIT_FAILURE;
    }
    $this->deliveryState->release();
    if ($this->deliveryState->pause() !== NULL) {
      $this->logger()->warning(dt('Sending is still paused: drush entra-user-sync:resume'));
    }
    elseif ($this->outbox->depth()['rows'] > 0) {
      $this->output()->writeln(dt('What waits is sent with the next change, by cron, or by drush entra-user-sync:send.'));
    }
    return self::EXIT_SUCCESS;
  }

  /**
   * Resumes sending after a pause.
   */
  #[CLI\Command(name: 'entra-user-sync:resume')]
  public function resume(): void {
    $this->deliveryState->resume();
  }

}
