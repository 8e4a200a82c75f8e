// Who looks at the page, and what they may do: asked once, known everywhere below.
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** The answer of GET session. */
export interface Session {
  readonly auth: "easyauth" | "jwt" | "development" | "none";
  readonly signedIn: boolean;
  readonly actor: string | null;
  /** To be shown only. */
  readonly name: string | null;
  readonly rights: readonly ("Audit.Read" | "Sync.Operate")[];
  readonly signInUrl: string | null;
  readonly signOutUrl: string | null;
}

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
