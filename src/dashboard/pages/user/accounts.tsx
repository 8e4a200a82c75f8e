// Both accounts side by side, each as it was just read, and the link between them.
import type { ComponentChildren } from "preact";
import type { UserAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { CopyId } from "../../parts/copy-id.tsx";
import { Card } from "../../parts/page.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { Value } from "../../parts/value.tsx";

type Explained = NonNullable<UserAnswer["explanation"]>;
type Link = UserAnswer["link"];

function Row({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Why there is no account, as far as the link remembers. */
function Absent({ link, system }: { readonly link: Link; readonly system: "drupal" | "entra" }) {
  const deletedAt = link?.deletedByUs[system] ?? null;
  const goneAt = system === "drupal" ? (link?.drupalGoneAt ?? null) : null;
  return (
    <p class="absent">
      {deletedAt !== null ? (
        <>
          Deleted by the sync, <Time at={deletedAt} />.
        </>
      ) : goneAt !== null ? (
        <>
          Gone since <Time at={goneAt} />.
        </>
      ) : link?.linkedAt ? (
        "The account is gone."
      ) : (
        "There is no account on this side."
      )}
    </p>
  );
}

function State({
  isOn,
  words,
  block,
}: {
  readonly isOn: boolean;
  readonly words: readonly [on: string, off: string];
  readonly block: "none" | "ours" | "parked" | undefined;
}) {
  if (isOn) return <Badge word={words[0]} tone="good" />;
  const by =
    block === "ours" ? " by the sync" : block === "parked" ? ": its earlier holder left" : "";
  return <Badge word={`${words[1]}${by}`} tone="warn" />;
}

function Roles({
  roles,
  granted,
}: {
  readonly roles: readonly string[];
  readonly granted: readonly string[];
}) {
  if (roles.length === 0) return <span class="none">none</span>;
  return (
    <span class="roles">
      {roles.map((role) => (
        <span key={role} class="role mono">
          {role}
          {granted.includes(role) ? <span class="role-by"> by the sync</span> : null}
        </span>
      ))}
    </span>
  );
}

function DrupalAccount({
  user,
  link,
}: {
  readonly user: Explained["import"]["drupal"];
  readonly link: Link;
}) {
  return (
    <Card
      title="Drupal"
      aside={
        user === null ? (
          <Badge word="no account" />
        ) : (
          <State isOn={user.enabled} words={["active", "blocked"]} block={link?.blocks.drupal} />
        )
      }
    >
      {user === null ? (
        <Absent link={link} system="drupal" />
      ) : (
        <dl class="pairs">
          <Row name="Name">
            <Value value={user.name} />
          </Row>
          <Row name="Mail">
            <Value value={user.mail} />{" "}
            {user.mail !== null && user.isMailProven ? (
              <span
                class="soft"
                title="The address of the registration, and its person has signed in"
              >
                proven
              </span>
            ) : null}
          </Row>
          <Row name="UUID">
            <CopyId id={user.uuid} name="Drupal UUID" />
          </Row>
          <Row name="User id">
            <span class="number">{user.uid}</span>
          </Row>
          <Row name="Roles">
            <Roles roles={user.roles} granted={link?.grantedRoles ?? []} />
          </Row>
          <Row name="Changed">
            <Ago at={user.changedAt} />
          </Row>
        </dl>
      )}
    </Card>
  );
}

function EntraAccount({
  user,
  link,
  isMatched,
}: {
  readonly isMatched: boolean;
  readonly user: Explained["import"]["entra"];
  readonly link: Link;
}) {
  return (
    <Card
      title="Entra"
      aside={
        user === null ? (
          <Badge word="no account" />
        ) : (
          <>
            {isMatched ? "matched, not joined " : null}
            <State isOn={user.enabled} words={["enabled", "disabled"]} block={link?.blocks.entra} />
          </>
        )
      }
    >
      {user === null ? (
        <Absent link={link} system="entra" />
      ) : (
        <dl class="pairs">
          <Row name="Display name">
            <Value value={user.attributes.displayName} />
          </Row>
          <Row name="UPN">
            <Value value={user.userPrincipalName} />
          </Row>
          <Row name="Mail">
            <Value value={user.attributes.mail} />
          </Row>
          <Row name="Object id">
            <CopyId id={user.objectId} name="object id" />
          </Row>
          <Row name="Type">
            <Value value={user.userType} />
            {user.onPremisesSynced ? <> · mastered on-premises, refuses writes</> : null}
          </Row>
        </dl>
      )}
    </Card>
  );
}

/** The two cards. */
export function Accounts({
  explanation,
  link,
}: {
  readonly explanation: Explained;
  readonly link: Link;
}) {
  return (
    <div class="accounts">
      <DrupalAccount user={explanation.import.drupal} link={link} />
      <EntraAccount
        user={explanation.import.entra}
        link={link}
        isMatched={explanation.import.drupal !== null && explanation.matching.linkedAt === null}
      />
    </div>
  );
}
