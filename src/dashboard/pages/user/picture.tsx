// The picture that the sync keeps of a person; their initials where it keeps none.
import { useEffect, useState } from "preact/hooks";
import { fetchAnswer } from "../../ask/ask.ts";
import { initialsOf } from "./names.ts";

/** The address of the picture's bytes; null while there are none. They are fetched, as an image could send no token. */
function usePicture(id: string, hash: string | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    setAddress(null);
    if (hash === null) return;
    const controller = new AbortController();
    let made: string | null = null;
    fetchAnswer(`links/${id}/photo`, { headers: { Accept: "image/*" }, signal: controller.signal })
      .then((response) => response.blob())
      .then((blob) => {
        if (controller.signal.aborted) return;
        made = URL.createObjectURL(blob);
        setAddress(made);
      })
      // Without a picture the initials stay, whyever it is not there.
      .catch(() => undefined);
    return () => {
      controller.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [id, hash]);
  return address;
}

/** The picture. `hash` tells one version from the next, and is null where none is kept. */
export function Picture({
  id,
  hash,
  name,
}: {
  readonly id: string;
  readonly hash: string | null;
  readonly name: string;
}) {
  const address = usePicture(id, hash);
  return address === null ? (
    <span class="picture" aria-hidden="true">
      {initialsOf(name)}
    </span>
  ) : (
    <img class="picture" src={address} alt={name} width={56} height={56} />
  );
}
