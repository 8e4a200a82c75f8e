// The frame of the page: who looks, where they are, and the room that they are in.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { hasToken, SIGNED_OUT, setToken } from "./ask/ask.ts";
import type { Session } from "./ask/contract.ts";
import { SessionContext } from "./ask/session.tsx";
import { useAnswer } from "./ask/use-answer.ts";
import { AuditPage } from "./pages/audit.tsx";
import { CyclePage } from "./pages/cycle.tsx";
import { CyclesPage } from "./pages/cycles.tsx";
import { DriftPage } from "./pages/drift.tsx";
import { EscrowPage } from "./pages/escrow.tsx";
import { MappingPage } from "./pages/mapping.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { UserPage } from "./pages/user.tsx";
import { UsersPage } from "./pages/users.tsx";
import { Boundary } from "./parts/boundary.tsx";
import { Icon, type IconName } from "./parts/icon.tsx";
import { LostNote } from "./parts/lost-note.tsx";
import { scrollBack } from "./parts/scroll-back.ts";
import { Loading, RefusalNote } from "./parts/states.tsx";
import { ToastPlace } from "./parts/toast.tsx";
import { followLinks, hrefOf, type Place, usePlace } from "./route.ts";
import { SignIn, SignInAgain } from "./sign-in.tsx";

const ROOMS: readonly { readonly path: string; readonly name: string; readonly icon: IconName }[] =
  [
    { path: "/", name: "Overview", icon: "overview" },
    { path: "/audit", name: "Audit", icon: "audit" },
    { path: "/users", name: "Users", icon: "user" },
    { path: "/cycles", name: "Cycles", icon: "cycle" },
    { path: "/mapping", name: "Mapping", icon: "mapping" },
    { path: "/escrow", name: "Escrow", icon: "escrow" },
    { path: "/drift", name: "Drift", icon: "drift" },
  ];

// Null: somebody wrote a "%" that stands for nothing.
function partsOf(path: string): string[] | null {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}

function roomAt({ path }: Place): JSX.Element {
  const [, room, id] = partsOf(path) ?? [];
  switch (room) {
    case "":
      return <OverviewPage />;
    case "audit":
      return <AuditPage />;
    case "users":
      return id === undefined ? <UsersPage /> : <UserPage key={id} id={id} />;
    case "cycles":
      return id === undefined ? <CyclesPage /> : <CyclePage key={id} id={id} />;
    case "mapping":
      return <MappingPage />;
    case "escrow":
      return <EscrowPage />;
    case "drift":
      return <DriftPage />;
    default:
      return (
        <section class="page">
          <h1 tabIndex={-1}>There is no such page</h1>
          <p>
            <a href={hrefOf("/")}>Go to the overview</a>
          </p>
        </section>
      );
  }
}

function Navigation({ path }: { readonly path: string }) {
  const isIn = (room: string) => (room === "/" ? path === "/" : path.startsWith(room));
  const place = useRef<HTMLElement>(null);
  // Where the rooms are wider than the window, the one that the reader is in is among those that are seen.
  useEffect(() => {
    const current = place.current?.querySelector("[aria-current]");
    if (place.current === null || !current) return;
    const [all, one] = [place.current.getBoundingClientRect(), current.getBoundingClientRect()];
    place.current.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
  }, [path]);
  return (
    <nav class="rooms" aria-label="Pages" ref={place}>
      <ul>
        {ROOMS.map((room) => (
          <li key={room.path}>
            <a href={hrefOf(room.path)} aria-current={isIn(room.path) ? "page" : undefined}>
              <Icon name={room.icon} />
              <span>{room.name}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Whoever() {
  const { auth, name, actor, rights, signOutUrl } = useContext(SessionContext);
  const role = rights.includes("Sync.Operate") ? "operator" : "reader";
  return (
    <p class="whoever">
      <span class="whoever-name">{name ?? (auth === "development" ? "Development" : actor)}</span>
      <span class="soft">{role}</span>
      {signOutUrl === null ? null : <a href={signOutUrl}>Sign out</a>}
    </p>
  );
}

function Frame({ place }: { readonly place: Place }) {
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.addEventListener("click", followLinks);
    return () => document.removeEventListener("click", followLinks);
  }, []);
  // After a step to another page the reader begins at its heading, and hears it; who comes back goes on where they were.
  useEffect(() => {
    const heading = main.current?.querySelector("h1");
    document.title = `${heading?.textContent ?? "Overview"} · Drupal and Entra user sync`;
    const isStart = isFirst.current;
    isFirst.current = false;
    if (isStart) return undefined;
    if (place.backAt !== null) return scrollBack(place.backAt);
    heading?.focus({ preventScroll: true });
    scrollTo(0, 0);
    return undefined;
  }, [place.path]);
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="side">
        <a class="wordmark" href={hrefOf("/")}>
          <Icon name="sync" />
          <span>
            Drupal <span class="soft">and</span> Entra
          </span>
        </a>
        <Navigation path={place.path} />
        <Whoever />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <LostNote />
        <Boundary key={place.path}>{roomAt(place)}</Boundary>
      </main>
      <ToastPlace />
    </div>
  );
}

/** Whether the app has refused, in the middle of the page, who was known to it before. */
function useSignedOut(refresh: () => Promise<void>) {
  const [isOut, setOut] = useState(false);
  useEffect(() => {
    const out = () => {
      setOut(true);
      // The session tells what they may now, and which way leads back in.
      void refresh();
    };
    addEventListener(SIGNED_OUT, out);
    return () => removeEventListener(SIGNED_OUT, out);
  }, [refresh]);
  return isOut;
}

/** The whole page. */
export function App() {
  const place = usePlace();
  const session = useAnswer<Session>("session");
  const isSignedOut = useSignedOut(session.refresh);
  if (session.refusal?.code === "signedOut") return <SignInAgain />;
  if (session.refusal !== null && session.body === null)
    return (
      <main class="alone">
        <h1>Drupal and Entra user sync</h1>
        <RefusalNote refusal={session.refusal} retry={session.refresh} />
      </main>
    );
  if (session.body === null)
    return (
      <main class="alone">
        <Loading lines={3} />
      </main>
    );
  const withToken = (token: string) => {
    setToken(token);
    void session.refresh();
  };
  if (!session.body.rights.includes("Audit.Read"))
    return (
      <SignIn
        session={session.body}
        onToken={withToken}
        isTokenRefused={hasToken()}
        hasEnded={isSignedOut}
      />
    );
  return (
    <SessionContext.Provider value={session.body}>
      <Frame place={place} />
    </SessionContext.Provider>
  );
}
