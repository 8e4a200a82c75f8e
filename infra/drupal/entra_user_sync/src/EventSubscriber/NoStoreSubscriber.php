<?php

declare(strict_types=1);

namespace Drupal\entra_user_sync\EventSubscriber;

use Drupal\Core\Routing\RouteMatchInterface;
use Symfony\Component\EventDispatcher\EventSubscriberInterface;
use Symfony\Component\HttpKernel\Event\ResponseEvent;
use Symfony\Component\HttpKernel\KernelEvents;

/**
 * Lets no browser keep a copy of pages that show secrets or people's values.
 *
 * Drupal says "no-cache", which lets a browser keep the page for its Back
 * button and on its disk. A header that is attached to a render array does not
 * last: FinishResponseSubscriber writes over it.
 */
final class NoStoreSubscriber implements EventSubscriberInterface {

  /**
   * The route option that asks for it.
   */
  private const OPTION = '_entra_user_sync_no_store';

  public function __construct(private readonly RouteMatchInterface $routeMatch) {}

  /**
   * {@inheritdoc}
   */
  public static function getSubscribedEvents(): array {
    // After FinishResponseSubscriber, which is at 0.
    return [KernelEvents::RESPONSE => ['onResponse', -50]];
  }

  /**
   * Adds the directive.
   */
  public function onResponse(ResponseEvent $event): void {
    if ($this->routeMatch->getRouteObject()?->getOption(self::OPTION) === TRUE) {
      $event->getResponse()->headers->addCacheControlDirective('no-store');
    }
  }

}
