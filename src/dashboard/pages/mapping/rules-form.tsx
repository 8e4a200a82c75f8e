// The rules beside the attributes, each part with its own form; simple parts are told by data, and drawn from the schema.
import type { ComponentChildren } from "preact";
import { Card } from "../../parts/page.tsx";
import { JsonPart } from "./json-part.tsx";
import { useMapping } from "./mapping-context.ts";
import { MatchingKeys } from "./matching-keys.tsx";
import { RoleRows } from "./role-rows.tsx";
import { SchemaField } from "./schema-field.tsx";
import { ScopeForm } from "./scope-form.tsx";
import { StateMatrix } from "./state-matrix.tsx";
import { ThresholdTable } from "./threshold-table.tsx";

interface FieldOf {
  readonly path: readonly string[];
  readonly label: string;
  readonly isMono?: boolean;
  readonly hint?: string;
}

const DIRECTIONS = ["drupalToEntra", "entraToDrupal"] as const;

const ACCOUNT: readonly FieldOf[] = [
  { path: ["account", "userPrincipalName"], label: "New UPN, before the @", isMono: true },
  {
    path: ["account", "domain"],
    label: "Domain of new UPNs",
    hint: "A verified domain. Empty: the tenant's default domain.",
  },
  { path: ["account", "drupalName"], label: "Name of a new Drupal account", isMono: true },
  { path: ["account", "marker"], label: "Marker of our accounts", isMono: true },
];
const ROLES: readonly FieldOf[] = [
  {
    path: ["roles", "removal"],
    label: "What is taken away",
    hint: "Whoever has no ground for a role any more loses it.",
  },
  {
    path: ["roles", "servicePrincipal"],
    label: "Service principal of the app roles",
    isMono: true,
  },
  { path: ["roles", "privileged"], label: "Privileged roles" },
];
const PROTECTED: readonly FieldOf[] = [
  { path: ["protected", "drupalRoles"], label: "Drupal roles" },
  { path: ["protected", "drupalNames"], label: "Drupal accounts" },
  { path: ["protected", "entraObjectIds"], label: "Entra users" },
];
const PHOTOS: readonly FieldOf[] = [
  { path: ["photos", "field"], label: "Image field in Drupal", isMono: true },
  { path: ["photos", "size"], label: "Size" },
  {
    path: ["photos", "authority"],
    label: "Whose picture stays",
    hint: "Where a person has uploaded one of their own in Drupal.",
  },
  {
    path: ["photos", "whenMissing"],
    label: "When Entra has none",
    hint: "Removed once two looks an hour apart have missed it.",
  },
  {
    path: ["photos", "maxBytes"],
    label: "Largest file, in bytes",
    hint: "What the field takes. Empty: found by asking and trying.",
  },
];

function Fields({ fields }: { readonly fields: readonly FieldOf[] }) {
  return (
    <div class="form-grid">
      {fields.map(({ path, ...field }) => (
        <SchemaField key={path.join(".")} path={path} {...field} />
      ))}
    </div>
  );
}

function Part({
  title,
  lead,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly lead?: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  const { mayEdit } = useMapping();
  return (
    <div class={isWide ? "part wide" : "part"}>
      <Card title={title}>
        {lead === undefined ? null : <p class="soft part-lead">{lead}</p>}
        <fieldset class="bare stack" disabled={!mayEdit}>
          <legend class="unseen">{title}</legend>
          {children}
        </fieldset>
      </Card>
    </div>
  );
}

/** The forms. */
export function RulesForm() {
  return (
    <div class="rules">
      <Part
        title="Directions and scopes"
        lead="Whom each direction serves: all clauses of a group must hold, and any one group is enough. A direction that is off is never written; the other goes on."
        isWide
      >
        {DIRECTIONS.map((direction) => (
          <ScopeForm key={direction} direction={direction} />
        ))}
      </Part>
      <Part
        title="Matching"
        lead="How users without a link are found on the other side: tried in order, folded for case and Unicode."
      >
        <MatchingKeys />
        <SchemaField
          path={["matchUnproven"]}
          label="Join by addresses that the site has not proven"
        />
        <SchemaField path={["guests"]} label="Serve guests too" />
      </Part>
      <Part
        title="States"
        lead="What a state of the user on one side does to the account on the other."
      >
        <StateMatrix />
      </Part>
      <Part
        title="Thresholds"
        lead="How much a cycle may take away from people before an operator has to approve its plan."
      >
        <ThresholdTable />
      </Part>
      <Part title="Pictures">
        <SchemaField
          path={["photos", "enabled"]}
          label="Pictures flow from Entra to Drupal"
          hint={null}
        />
        <Fields fields={PHOTOS} />
      </Part>
      <Part
        title="Protected accounts"
        lead="The sync never touches these, beside uid 0, uid 1 and its own service account."
      >
        <Fields fields={PROTECTED} />
      </Part>
      <Part title="New accounts" lead="How accounts that the sync creates are named and marked.">
        <Fields fields={ACCOUNT} />
      </Part>
      <Part title="Kinds of fields" lead="What is not one line of text has to be declared.">
        <JsonPart path={["fields"]} label="Drupal fields" />
        <JsonPart path={["extensions"]} label="Directory extensions" />
      </Part>
      <Part
        title="Roles"
        isWide
        lead="Drupal roles that Entra groups and app roles give. Other roles are left alone."
      >
        <RoleRows />
        <Fields fields={ROLES} />
      </Part>
    </div>
  );
}
