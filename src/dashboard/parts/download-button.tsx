// A button that saves what is shown as a file; for readers too.
import { useState } from "preact/hooks";
import { download, hasToken, Refusal, ROOT } from "../ask/ask.ts";
import { Icon } from "./icon.tsx";
import { say } from "./toast.tsx";

/** `path`: what is asked for; `name`: the file's, where the app gives none; `what`: on the button. */
export function DownloadButton({
  path,
  name,
  what,
}: {
  readonly path: string;
  readonly name: string;
  readonly what: string;
}) {
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    // Not by `disabled`: the button would lose the focus.
    if (isBusy) return;
    setBusy(true);
    try {
      await download(path, name);
    } catch (error) {
      const faults = error instanceof Refusal ? error.faults.map(({ message }) => message) : [];
      const told = error instanceof Refusal ? error.message : "The file could not be read.";
      say([told, ...faults].join(" "), { isBad: true });
    } finally {
      setBusy(false);
    }
  };
  // The browser itself writes a long answer to the disk while it comes; a page would have to hold all of it in memory.
  if (!hasToken())
    return (
      <a class="button" href={`${ROOT}/${path}`} download={name}>
        <Icon name="file" />
        {what}
      </a>
    );
  return (
    <button type="button" aria-busy={isBusy} onClick={() => void save()}>
      <Icon name="file" />
      {what}
    </button>
  );
}
