// What the sync keeps of the pair: since when, whose accounts, whose roles, the picture; and the way to take it apart.
import { send } from "../../ask/ask.ts";
import type { UserAnswer } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { focusHeadingIfLost } from "../../parts/focus-heading.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { Card } from "../../parts/page.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { hrefOf } from "../../route.ts";

type Sides<T> = { readonly drupal: T; readonly entra: T };
type Block = "none" | "ours" | "parked";

const madeText = ({ drupal, entra }: Sides<boolean>): string =>
  drupal && entra
    ? "both accounts"
    : drupal
      ? "the Drupal account"
      : entra
        ? "the Entra account"
        : "neither account: they were matched or joined";

function blocksText({ drupal, entra }: Sides<Block>): string {
  const of = (block: Block, name: string) =>
    block === "ours" ? [name] : block === "parked" ? [`${name}, left by an earlier holder`] : [];
  return [...of(drupal, "in Drupal"), ...of(entra, "in Entra")].join("; ") || "none";
}

function Photo({ photo }: { readonly photo: NonNullable<UserAnswer["photo"]> }) {
  return (
    <>
      <dt>Picture</dt>
      <dd>
        <Told message={photo.reason.message} />{" "}
        <span class="soft">
          {photo.isUploadPending ? "being sent, " : ""}seen <Ago at={photo.seenAt} />
        </span>
      </dd>
    </>
  );
}

/** The card. `left` is called when the link is gone. */
export function LinkCard({
  answer,
  name,
  left,
}: {
  readonly answer: UserAnswer;
  readonly name: string;
  readonly left: () => Promise<void>;
}) {
  const { link, photo } = answer;
  if (link === null) return null;
  const isJoined = link.linkedAt !== null;
  const unlink = async () => {
    const isSure = await confirmed({
      title: `Take the accounts of ${name} apart?`,
      text: "Neither account is changed. From then on the sync leaves both alone, and joins them again only when an operator names the pair.",
      does: "Unlink",
      isDanger: true,
    });
    if (!isSure) return null;
    await send("DELETE", `links/${link.drupalUuid}`);
    await left();
    focusHeadingIfLost();
    return "The accounts are taken apart. Neither was changed.";
  };
  return (
    <Card title="Link">
      <dl class="pairs">
        <dt>Linked</dt>
        <dd>
          {link.linkedAt === null ? (
            <span class="none">not linked</span>
          ) : (
            <Time at={link.linkedAt} />
          )}
        </dd>
        <dt>Made by sync</dt>
        <dd>{madeText(link.madeByUs)}</dd>
        <dt>Blocked by sync</dt>
        <dd>{blocksText(link.blocks)}</dd>
        {link.grantedRoles.length === 0 ? null : (
          <>
            <dt>Roles given</dt>
            <dd class="mono">{link.grantedRoles.join(", ")}</dd>
          </>
        )}
        {photo === undefined || photo === null ? null : <Photo photo={photo} />}
        {link.takenApart === null ? null : (
          <>
            <dt>Taken apart from</dt>
            <dd>
              <a class="mono" href={hrefOf(`/users/${link.takenApart}`)}>
                {link.takenApart}
              </a>
            </dd>
          </>
        )}
      </dl>
      {isJoined ? (
        <p class="card-actions">
          <OrderButton order={unlink} tone="danger">
            Unlink …
          </OrderButton>
        </p>
      ) : null}
    </Card>
  );
}
