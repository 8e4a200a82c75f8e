<?php

declare(strict_types=1);

namespace Drupal\Tests\entra_user_sync\Kernel;

use Drupal\Core\Form\FormState;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpFoundation\Session\Session;
use Symfony\Component\HttpFoundation\Session\Storage\MockArraySessionStorage;

/**
 * Asks the site for whole pages, as a browser does.
 *
 * So that access, form cache and headers are tested as they are in the end.
 */
trait PageTrait {

  /**
   * The session of the browser.
   */
  private ?Session $session = NULL;

  /**
   * Asks for a page as the current user.
   */
  protected function visit(string $path, string $method = 'GET', array $values = []): Response {
    // What a process of its own would not have: errors are static, and settings
    // that were not valid are still in the object.
    (new FormState())->clearErrors();
    $this->container->get('config.factory')->reset();
    $this->session ??= new Session(new MockArraySessionStorage());
    $request = Request::create($path, $method, $values);
    $request->setSession($this->session);
    return $this->container->get('http_kernel')->handle($request);
  }

  /**
   * Presses a button of the form on a page.
   */
  protected function pressOn(string $path, string $button, array $values = []): Response {
    $page = (string) $this->visit($path)->getContent();
    $document = new \DOMDocument();
    @$document->loadHTML($page);
    foreach ($document->getElementsByTagName('input') as $input) {
      if (in_array($input->getAttribute('type'), ['hidden', 'text'], TRUE)) {
        $values += [$input->getAttribute('name') => $input->getAttribute('value')];
      }
    }
    return $this->visit($path, 'POST', $values + ['op' => $button]);
  }

  /**
   * All that is in the database.
   */
  protected function stored(): string {
    $database = $this->container->get('database');
    $dump = '';
    foreach ($database->schema()->findTables('%') as $table) {
      foreach ($database->select($table, 't')->fields('t')->execute() as $row) {
        $dump .= $table . print_r($row, TRUE);
      }
    }
    return $dump;
  }

}
