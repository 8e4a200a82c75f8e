<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

use Drupal\Core\StringTranslation\StringTranslationTrait;
use Drupal\Core\StringTranslation\TranslatableMarkup;
use Drupal\Core\StringTranslation\TranslationInterface;
use Drupal\entra_user_sync\Delivery\AnswerWords;

/**
 * Says why the app has not told what it was asked for, and how to mend it.
 */
class ConsoleWords {

  use StringTranslationTrait;

  public function __construct(
    private readonly AnswerWords $answerWords,
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
      '@title' => $answer->data->text('title'),
      '@code' => $answer->data->text('code'),
    ];
    return match ($answer->reason) {
      'not_set_up' => $this->t('The sync app cannot be asked: the address of the app or the signing secret is not set.'),
      'off' => $this->t('The sync app does not answer such questions (404). Its setting DRUPAL_CONSOLE must be "on".'),
      'unauthorized' => $this->t('The sync app does not know this signature (401). Its setting WEBHOOK_SECRETS must hold the secret of this site, the clocks of both must be less than five minutes apart, and if the app asks for a login, the path /api/console must be excepted from it.'),
      'unknown_user' => $this->t('The sync app does not know this user.'),
      'refused' => $this->t('The sync app could not do it: @title (@code, @status)', $arguments),
      'not_the_app' => $this->t('Something answered @status, but it is not the sync app. Is it a login page or a proxy?', $arguments),
      'redirected' => $this->t('The address leads elsewhere (@status). Give the final address; and if the app asks for a login, except the path /api/console from it.', $arguments),
      default => $this->answerWords->of($answer->reason, $answer->status),
    };
  }

}
