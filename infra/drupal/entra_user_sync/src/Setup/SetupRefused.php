<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Setup;

use Drupal\Component\Render\PlainTextOutput;
use Drupal\Core\StringTranslation\TranslatableMarkup;

/**
 * Setting up would give rights to whom it does not know: nothing was changed.
 */
class SetupRefused extends \RuntimeException {

  public function __construct(public readonly TranslatableMarkup $words) {
    parent::__construct(PlainTextOutput::renderFromHtml($words));
  }

}
