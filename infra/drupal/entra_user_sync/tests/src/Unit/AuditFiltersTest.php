<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Unit;

use Drupal\entra_user_sync\Console\AuditFilters;
use Drupal\Tests\UnitTestCase;

/**
 * Tests what the report asks the app for.
 *
 * @group entra_user_sync
 * @coversDefaultClass \Drupal\entra_user_sync\Console\AuditFilters
 */
class AuditFiltersTest extends UnitTestCase {

  /**
   * @covers ::of
   */
  public function testTakesOnlyWhatTheAppKnows(): void {
    $chosen = AuditFilters::of([
      'status' => 'failure',
      'operation' => '<script>',
      'system' => ['drupal'],
      'from' => '2026-02-30',
      'to' => '2026-11-24',
      'user' => 'someone',
    ])->chosen;
    $this->assertSame(['status' => 'failure', 'to' => '2026-11-24'], $chosen);
  }

  /**
   * @covers ::query
   */
  public function testAsksForWholeDaysOfThePerson(): void {
    $filters = AuditFilters::of(['from' => '2026-11-24', 'to' => '2026-11-24']);
    $this->assertSame([
      'from' => '2026-11-23T13:00:00.000Z',
      'to' => '2026-11-24T12:59:59.999Z',
    ], $filters->query(new \DateTimeZone('Australia/Sydney')));
  }

}
