<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Outbox\ChangeKind;
use Drupal\Tests\UnitTestCase;

/**
 * Tests how two changes of one user become one.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Outbox\ChangeKind
 */
class ChangeKindTest extends UnitTestCase {

  /**
   * @covers ::after
   * @dataProvider pairs
   */
  public function testTellsWhatBothComeTo(?ChangeKind $pending, ChangeKind $change, bool $isOffered, ?ChangeKind $expected): void {
    $this->assertSame($expected, $change->after($pending, $isOffered));
  }

  /**
   * What waits, what comes, whether the first was offered, what is told.
   */
  public static function pairs(): array {
    [$created, $updated, $deleted] = [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Deleted];
    return [
      'nothing waits' => [NULL, $deleted, FALSE, $deleted],
      'a new user is edited' => [$created, $updated, FALSE, $created],
      'a new user is edited while being sent' => [$created, $updated, TRUE, $created],
      'a user comes and goes unheard' => [$created, $deleted, FALSE, NULL],
      'a user goes whom the app may know' => [$created, $deleted, TRUE, $deleted],
      'an edited user goes' => [$updated, $deleted, FALSE, $deleted],
      'a deleted user is put back' => [$deleted, $created, FALSE, $created],
      'an edit follows an edit' => [$updated, $updated, FALSE, $updated],
    ];
  }

}
