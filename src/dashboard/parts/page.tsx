// The head of each page: where one is, what it is for, and what can be done here.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useMayOperate } from "../ask/session.tsx";

/** A page with its heading. */
export function Page({
  title,
  lead,
  picture,
  actions,
  children,
}: {
  readonly title: string;
  readonly lead?: ComponentChildren;
  /** Before the heading, as of the person whom the page is about. */
  readonly picture?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const mayOperate = useMayOperate();
  // Some headings are known only when their data is.
  useEffect(() => {
    document.title = `${title} · Drupal and Entra user sync`;
  }, [title]);
  return (
    <section class="page">
      <div class="page-head">
        {picture}
        <div class="page-title">
          <h1 tabIndex={-1}>{title}</h1>
          {lead === undefined ? null : <p class="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </div>
      {mayOperate ? null : (
        // Seen where there is an order that is closed (frame.css).
        <p class="soft orders-closed">
          You can look at everything here. What is greyed needs the app role{" "}
          <code>Sync.Operate</code>.
        </p>
      )}
      {children}
    </section>
  );
}

/** A part of a page on its own ground. */
export function Card({
  title,
  aside,
  id,
  children,
}: {
  readonly title: string;
  /** For links to the card: it takes the focus then. */
  readonly id?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card" {...(id === undefined ? {} : { id, tabIndex: -1 })}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside === undefined ? null : <div class="soft">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
