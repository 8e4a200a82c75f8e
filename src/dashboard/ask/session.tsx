// Who looks at the page, and what they may do: asked once, known everywhere below.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./contract.ts";

/** Nobody yet. */
export const NOBODY: Session = {
  auth: "none",
  signedIn: false,
  actor: null,
  name: null,
  rights: [],
  signInUrl: null,
  signOutUrl: null,
};

/** Holds the session for what is below. */
export const SessionContext = createContext<Session>(NOBODY);

/** Whether the person may change things; who may not sees the buttons, and why they are closed. */
export const useMayOperate = (): boolean =>
  useContext(SessionContext).rights.includes("Sync.Operate");
