<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;

/**
 * Says in words what an answer means, and how to mend it.
 */
class AnswerWords {

  use StringTranslationTrait;

  public function __construct(TranslationInterface $string_translation) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * The words for a reason of an Answer.
   */
  public function of(string $reason, ?int $status): TranslatableMarkup {
    $arguments = ['@status' => (string) $status];
    return match ($reason) {
      'accepted' => $this->t('The app accepted it: address and secret are right.'),
      'unauthorized' => $this->t('The app does not know this signature (401). Its setting WEBHOOK_SECRETS must hold the secret of this site, WEBHOOK_FORMATS must name "standard", and the clocks of both must be less than five minutes apart. If the app asks people for a login, except the path /api/webhooks/drupal from it.'),
      'gone' => $this->t('The app wants no more changes from this site (410).'),
      'refused' => $this->t('The app does not understand what was sent (@status). Do the versions of module and app fit each other?', $arguments),
      'forbidden' => $this->t('Something before the app turns this site away (403): its access restrictions, or a firewall. Azure says so as well while the app is stopped.'),
      'not_found' => $this->t('There is no such page at this address (404). Is it the address of the sync app, and is the app running?'),
      'throttled' => $this->t('The app asks for a pause (429).'),
      'not_the_app' => $this->t('Something answered @status, but it is not the sync app: that says 202. Is it a login page or a proxy?', $arguments),
      'redirected' => $this->t('The address leads elsewhere (@status). Give the final address; and if the app asks for a login, except the path /api/webhooks/drupal from it.', $arguments),
      'failing' => $this->t('The app has a fault of its own (@status). Its logs tell more.', $arguments),
      'name' => $this->t('The name in the address is not known to DNS.'),
      'tls' => $this->t('No secure connection: the certificate of the app is not valid for this address, or this server does not trust it.'),
      'timeout' => $this->t('No answer within @seconds seconds.', ['@seconds' => Webhook::TIMEOUT]),
      'connection' => $this->t('Nobody answers at this address: the app is not running, or a firewall is in the way.'),
      'too_long' => $this->t('Something sent very much, and the sync app answers with a line. Is it a download or a proxy?'),
      'no_address' => $this->t('The address of the sync app is none. Does settings.php set another than the settings page?'),
      default => $this->t('The app gave an answer that is not foreseen (@status).', $arguments),
    };
  }

}
