// What those see who may not read yet: how to get in, by the way that the app is set up for.
import { useState } from "preact/hooks";
import type { Session } from "./ask/contract.ts";

interface Props {
  readonly session: Session;
  readonly onToken: (token: string) => void;
  /** A token went along, and the app knows nobody by it. */
  readonly isTokenRefused: boolean;
  /** They were in already. */
  readonly hasEnded: boolean;
}

function TokenForm({ onToken, isTokenRefused }: Pick<Props, "onToken" | "isTokenRefused">) {
  const [text, setText] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(text.trim());
      }}
    >
      {isTokenRefused ? (
        <p class="note bad" role="alert">
          The app does not accept this token: it is too old, or not for this app. Ask for a new one.
        </p>
      ) : null}
      <label class="field">
        <span>Access token</span>
        <input
          type="password"
          autocomplete="off"
          required
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <small>
          For this app's audience, with the role Audit.Read or Sync.Operate; for example from{" "}
          <code>az account get-access-token</code>. It is forgotten when you leave the page.
        </small>
      </label>
      <p>
        <button type="submit" class="primary">
          Use this token
        </button>
      </p>
    </form>
  );
}

function Way({ session, onToken, isTokenRefused, hasEnded }: Props) {
  if (session.signedIn && session.rights.length === 0)
    return (
      <>
        <p>
          You are signed in{session.name === null ? "" : ` as ${session.name}`}, but your account
          lacks the app role <code>Audit.Read</code> or <code>Sync.Operate</code>. Whoever manages
          this app in Entra can assign it to you.
        </p>
        {session.signOutUrl === null ? null : (
          <p>
            <a href={session.signOutUrl}>Sign in as someone else</a>
          </p>
        )}
      </>
    );
  if (session.auth === "easyauth" && session.signInUrl !== null)
    return (
      <>
        {hasEnded ? <p>Your sign-in has ended.</p> : null}
        <p>
          <a class="button primary" href={session.signInUrl}>
            Sign in with Microsoft
          </a>
        </p>
      </>
    );
  if (session.auth === "jwt")
    return <TokenForm onToken={onToken} isTokenRefused={isTokenRefused} />;
  return (
    <p>
      Admin access is not configured: set <code>ADMIN_AUTH</code> to <code>easyauth</code> (with App
      Service Authentication on) or <code>jwt</code>. Until then nobody can read here.
    </p>
  );
}

/** The page for those without a right to read. */
export function SignIn(props: Props) {
  return (
    <main class="alone">
      <h1>Drupal and Entra user sync</h1>
      <Way {...props} />
    </main>
  );
}

/** Where App Service Authentication lets nobody in unasked, not even to the session: to load the page anew signs in. */
export function SignInAgain() {
  return (
    <main class="alone stack">
      <h1>Drupal and Entra user sync</h1>
      <p>Your sign-in has ended.</p>
      <p>
        <button type="button" class="primary" onClick={() => location.reload()}>
          Sign in again
        </button>
      </p>
    </main>
  );
}
