<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Console;

/**
 * An object out of the app's answer, read without trusting its shape.
 *
 * What is missing or of another type reads as empty: the app may be older or
 * newer than the module.
 */
final class Record {

  /**
   * So many objects of a list are read: each becomes a part of the page.
   */
  private const MOST = 200;

  /**
   * @param array $fields
   *   The decoded JSON.
   */
  public function __construct(private readonly array $fields) {}

  /**
   * A text, or a number as one; empty if there is none.
   */
  public function text(string ...$path): string {
    $value = $this->value(...$path);
    return is_string($value) || is_int($value) || is_float($value) ? (string) $value : '';
  }

  /**
   * A number; 0 if there is none.
   */
  public function number(string ...$path): int {
    $value = $this->value(...$path);
    return is_int($value) ? $value : 0;
  }

  /**
   * Whether it says true.
   */
  public function isTrue(string ...$path): bool {
    return $this->value(...$path) === TRUE;
  }

  /**
   * An object; NULL if there is none.
   */
  public function record(string ...$path): ?self {
    $value = $this->value(...$path);
    return is_array($value) && !array_is_list($value) ? new self($value) : NULL;
  }

  /**
   * A list of objects; empty if there is none.
   *
   * @return self[]
   *   The objects, so many as a page can show; what is none is left out.
   */
  public function records(string ...$path): array {
    $value = $this->value(...$path);
    return is_array($value)
      ? array_map(fn (array $each): self => new self($each), array_slice(array_filter($value, is_array(...)), 0, self::MOST))
      : [];
  }

  /**
   * Whatever is there.
   */
  public function value(string ...$path): mixed {
    $value = $this->fields;
    foreach ($path as $name) {
      if (!is_array($value) || !array_key_exists($name, $value)) {
        return NULL;
      }
      $value = $value[$name];
    }
    return $value;
  }

}
