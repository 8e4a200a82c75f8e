<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Component\Utility\Unicode;
use Drupal\Core\Datetime\DateFormatterInterface;
use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\Core\Url;
use Drupal\entra_user_sync\Delivery\AnswerWords;

/**
 * Says why the app has not told what it was asked for, and how to mend it.
 */
class ConsoleWords {

  use StringTranslationTrait;

  public function __construct(
    private readonly AnswerWords $answerWords,
    private readonly DateFormatterInterface $dateFormatter,
    TranslationInterface $string_translation,
  ) {
    $this->setStringTranslation($string_translation);
  }

  /**
   * The words for an answer that is none.
   */
  public function of(ConsoleAnswer $answer): TranslatableMarkup {
    $arguments = [
      '@status' => (string) $answer->status,
      // A sentence, whoever wrote it.
      '@title' => Unicode::truncate($answer->data->text('title'), 300, TRUE, TRUE),
      '@code' => Unicode::truncate($answer->data->text('code'), 60, FALSE, TRUE),
    ];
    return match ($answer->reason) {
      'not_set_up' => $this->t('The sync app cannot be asked: its address or the signing secret is not set. Both are on the <a href=":settings">settings page</a>.', [
        ':settings' => Url::fromRoute('entra_user_sync.settings')->toString(),
      ]),
      'off' => $this->t('The sync app does not answer such questions (404). Its setting DRUPAL_CONSOLE must be "on".'),
      'unauthorized' => $this->t('The sync app does not know this signature (401). Its setting WEBHOOK_SECRETS must hold the secret of this site, the clocks of both must be less than five minutes apart, and if the app asks for a login, the path /api/console must be excepted from it.'),
      'clock' => $this->t('The sync app does not take this signature (401): its clock and the clock of this site are @interval apart, and five minutes are allowed. Set the clock of this server by NTP.', [
        '@interval' => $this->dateFormatter->formatInterval(abs($answer->skew)),
      ]),
      'throttled' => $this->t('The sync app is asked too often (429). Try again in a minute.'),
      'broken' => $this->t('The answer broke off. Try again in a minute.'),
      'too_long' => $this->t('The answer is longer than any of the sync app, and was not read. Is it a login page or a proxy?'),
      'no_address' => $this->t('The address of the sync app is none. Does settings.php set another than the settings page?'),
      'unknown_user' => $this->t('The sync app does not know this user.'),
      'refused' => $this->t('The sync app could not do it: @title (@code, @status)', $arguments),
      'not_the_app' => $this->t('Something answered @status, but it is not the sync app. Is it a login page or a proxy?', $arguments),
      'redirected' => $this->t('The address leads elsewhere (@status). Give the final address; and if the app asks for a login, except the path /api/console from it.', $arguments),
      default => $this->answerWords->of($answer->reason, $answer->status),
    };
  }

}
