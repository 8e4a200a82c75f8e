// The frame of the page: who looks, where they are, and the room that they are in.
import type { JSX } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { setToken } from "./ask/ask.ts";
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
import { Icon, type IconName } from "./parts/icon.tsx";
import { Loading, RefusalNote } from "./parts/states.tsx";
import { ToastPlace } from "./parts/toast.tsx";
import { followLinks, hrefOf, type Place, usePlace } from "./route.ts";
import { SignIn } from "./sign-in.tsx";

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

function roomAt({ path }: Place): JSX.Element {
  const [, room = "", id] = path.split("/").map(decodeURIComponent);
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
  return (
    <nav class="rooms" aria-label="Pages">
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
  // After a step to another page the reader begins at its heading, and hears it.
  useEffect(() => {
    const heading = main.current?.querySelector("h1");
    document.title = `${heading?.textContent ?? "Overview"} · Drupal and Entra user sync`;
    if (!isFirst.current) {
      heading?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
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
        {roomAt(place)}
      </main>
      <ToastPlace />
    </div>
  );
}

/** The whole page. */
export function App() {
  const place = usePlace();
  const session = useAnswer<Session>("session");
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
    return <SignIn session={session.body} onToken={withToken} />;
  return (
    <SessionContext.Provider value={session.body}>
      <Frame place={place} />
    </SessionContext.Provider>
  );
}
