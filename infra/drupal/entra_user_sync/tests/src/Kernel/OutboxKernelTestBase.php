<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\entra_user_sync\Delivery\WebhookSecrets;
use Drupal\entra_user_sync\Outbox\Dispatcher;
use Drupal\entra_user_sync\Outbox\Outbox;
use Drupal\entra_user_sync\Outbox\OutboxRow;
use Drupal\KernelTests\KernelTestBase;
use Drupal\Tests\user\Traits\UserCreationTrait;
use Drupal\user\Entity\User;
use Drupal\user\UserInterface;
use GuzzleHttp\Client;
use GuzzleHttp\Handler\MockHandler;
use GuzzleHttp\HandlerStack;
use GuzzleHttp\Middleware;
use GuzzleHttp\Psr7\Response;

/**
 * A site with the module, and an app whose answers the test gives.
 */
abstract class OutboxKernelTestBase extends KernelTestBase {

  use UserCreationTrait;

  /**
   * {@inheritdoc}
   */
  protected static $modules = ['entra_user_sync', 'system', 'user'];

  /**
   * What the app received.
   *
   * @var array<int, array>
   */
  protected array $received = [];

  /**
   * The app's next answers.
   */
  protected MockHandler $app;

  /**
   * {@inheritdoc}
   */
  protected function setUp(): void {
    parent::setUp();
    $this->installEntitySchema('user');
    $this->installSchema('user', ['users_data']);
    $this->installSchema('entra_user_sync', ['entra_user_sync_outbox']);
    $this->installConfig(['entra_user_sync']);
    // Kernel tests do not run it by themselves.
    $this->container->get('module_handler')->loadInclude('entra_user_sync', 'install');
    entra_user_sync_install();
    $this->config('entra_user_sync.settings')->set('address', 'https://app.example')->save();
    $this->container->get(WebhookSecrets::class)->type('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    $this->app = new MockHandler();
    $stack = HandlerStack::create($this->app);
    $stack->push(Middleware::history($this->received));
    $this->container->set('http_client', new Client(['handler' => $stack]));
  }

  /**
   * Saves a new user.
   */
  protected function newUser(string $name): UserInterface {
    $user = User::create(['name' => $name, 'status' => 1]);
    $user->save();
    return $user;
  }

  /**
   * The app will answer with these statuses, in turn.
   */
  protected function answers(int ...$statuses): void {
    foreach ($statuses as $status) {
      $this->app->append(new Response($status));
    }
  }

  /**
   * The rows of the outbox by UUID.
   *
   * @return array<string, object>
   *   The rows.
   */
  protected function rows(): array {
    return $this->container->get('database')
      ->select('entra_user_sync_outbox', 'o')->fields('o')
      ->execute()->fetchAllAssoc('uuid');
  }

  /**
   * Takes the oldest row that is due, as a process does that then dies.
   */
  protected function claim(): ?OutboxRow {
    foreach ($this->outbox()->due() as $due) {
      $row = $this->outbox()->take($due);
      if ($row !== NULL) {
        return $row;
      }
    }
    return NULL;
  }

  /**
   * The body of a request that the app received.
   */
  protected function body(int $index): array {
    return json_decode((string) $this->received[$index]['request']->getBody(), TRUE, 512, JSON_THROW_ON_ERROR);
  }

  /**
   * What happens at the end of a request.
   */
  protected function endRequest(): void {
    $this->dispatcher()->destruct();
  }

  /**
   * The outbox.
   */
  protected function outbox(): Outbox {
    return $this->container->get(Outbox::class);
  }

  /**
   * The dispatcher.
   */
  protected function dispatcher(): Dispatcher {
    return $this->container->get(Dispatcher::class);
  }

}
