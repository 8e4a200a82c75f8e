<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

/**
 * What to do after an answer.
 */
enum AnswerKind {

  // The app has it.
  case Accepted;

  // The app will not take this content; others may be well.
  case Refused;

  // The app cannot be asked now.
  case Later;

  // Nobody but an administrator can mend it.
  case Pause;

}
