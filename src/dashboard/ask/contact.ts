// Whether the app answers at all: what every question of the page finds out, in one place, so that none has to tell it alone.
import { useEffect, useState } from "preact/hooks";

/** What is known of the way to the app. */
export interface Contact {
  /** Milliseconds since 1970; null: nothing was answered yet. */
  readonly answeredAt: number | null;
  /** The last question got no answer. */
  readonly isLost: boolean;
}

/** Happens when the app has stopped to answer, and when it is back. */
export const CONTACT = "page:contact";
let contact: Contact = { answeredAt: null, isLost: false };

/** An answer came, of whatever kind. */
export function heard(): void {
  const wasLost = contact.isLost;
  contact = { answeredAt: Date.now(), isLost: false };
  if (wasLost) dispatchEvent(new Event(CONTACT));
}

/** No answer came. */
export function heardNothing(): void {
  if (contact.isLost) return;
  contact = { ...contact, isLost: true };
  dispatchEvent(new Event(CONTACT));
}

/** Whether the last question got no answer. */
export const isLost = (): boolean => contact.isLost;

/** What is known now, and again when it changes. */
export function useContact(): Contact {
  const [known, setKnown] = useState(contact);
  useEffect(() => {
    const changed = () => setKnown(contact);
    changed();
    addEventListener(CONTACT, changed);
    return () => removeEventListener(CONTACT, changed);
  }, []);
  return known;
}
