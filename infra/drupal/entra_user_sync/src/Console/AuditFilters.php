<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

/**
 * What the report was asked for, checked value by value.
 *
 * What is none of the app's words or no day is as if it was not there.
 */
final class AuditFilters {

  private const WORDS = [
    'status' => ['success', 'failure', 'skipped', 'warning'],
    'operation' => [
      'create',
      'update',
      'disable',
      'enable',
      'delete',
      'restore',
      'link',
      'unlink',
      'assign',
      'remove',
      'none',
    ],
    'system' => ['drupal', 'entra'],
  ];

  private const DAYS = ['from', 'to'];

  /**
   * @param array<string, string> $chosen
   *   What was chosen, as it stands in the address.
   */
  private function __construct(public readonly array $chosen) {}

  /**
   * Reads the query of an address, or the values of a form.
   */
  public static function of(array $values): self {
    $chosen = [];
    foreach (self::WORDS as $name => $words) {
      if (in_array($values[$name] ?? NULL, $words, TRUE)) {
        $chosen[$name] = $values[$name];
      }
    }
    foreach (self::DAYS as $name) {
      $day = $values[$name] ?? NULL;
      if (is_string($day) && preg_match('/^([1-9]\d{3})-(\d\d)-(\d\d)$/D', $day, $parts) && checkdate((int) $parts[2], (int) $parts[3], (int) $parts[1])) {
        $chosen[$name] = $day;
      }
    }
    return new self($chosen);
  }

  /**
   * The same as the app is asked: whole days of that time zone, as times.
   *
   * @return array<string, string>
   *   Parameters of the app's GET console/audit.
   */
  public function query(\DateTimeZone $zone): array {
    $query = $this->chosen;
    foreach (['from' => '00:00:00.000', 'to' => '23:59:59.999'] as $name => $time) {
      if (isset($query[$name])) {
        $query[$name] = (new \DateTimeImmutable("$query[$name] $time", $zone))
          ->setTimezone(new \DateTimeZone('UTC'))
          ->format('Y-m-d\TH:i:s.v\Z');
      }
    }
    return $query;
  }

}
