<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\Delivery;

use GuzzleHttp\Psr7\StreamDecoratorTrait;
use GuzzleHttp\Psr7\Utils;
use Psr\Http\Message\StreamInterface;

/**
 * Takes an answer up to a size, and then no more.
 *
 * What answers may be anything: a proxy, a download. Guzzle writes what arrives
 * to this, unpacked; where nothing is taken, curl breaks the transfer off.
 */
final class BoundedBody implements StreamInterface {

  use StreamDecoratorTrait;

  /**
   * What was taken.
   */
  private readonly StreamInterface $stream;

  /**
   * Whether more came than is taken.
   */
  private bool $isOver = FALSE;

  /**
   * Begins with nothing.
   *
   * @param int $most
   *   How many bytes are taken.
   */
  public function __construct(private readonly int $most) {
    $this->stream = Utils::streamFor();
  }

  /**
   * Whether more came than is taken: what was taken is worth nothing then.
   */
  public function isOver(): bool {
    return $this->isOver;
  }

  /**
   * {@inheritdoc}
   */
  public function write($string): int {
    $this->isOver = $this->isOver || $this->stream->tell() + strlen($string) > $this->most;
    return $this->isOver ? 0 : $this->stream->write($string);
  }

}
