// An id that can be read whole and taken along.
import { Icon } from "./icon.tsx";
import { say } from "./toast.tsx";

async function copy(id: string, name: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(id);
    say(`The ${name} is copied.`);
  } catch {
    say("The browser does not let the page copy: mark the id and copy it yourself.", {
      isBad: true,
    });
  }
}

/** The id, with a button that copies it; `name` says what it is, such as "object id". */
export function CopyId({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <span class="copy-id">
      <span class="mono">{id}</span>
      <button
        type="button"
        class="plain-button"
        aria-label={`Copy the ${name}`}
        title={`Copy the ${name}`}
        onClick={() => void copy(id, name)}
      >
        <Icon name="copy" />
      </button>
    </span>
  );
}
