// The page's requests to the simulator; a refusal comes back in Drupal's own words.
const failed = (detail) => ({ ok: false, errors: [{ detail }] });

async function ask(path, init) {
  try {
    const response = await fetch(`/_page/${path}`, init);
    const answer = await response.json();
    if (response.ok) return { ok: true, answer };
    const { errors } = answer;
    return errors === undefined ? failed(`Status ${response.status}`) : { ok: false, errors };
  } catch {
    return failed("The simulator did not answer.");
  }
}

const json = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

/** Creates, changes or cancels; `user` is null for a new one. */
export const send = (method, user, body) =>
  ask(user === null ? "users" : `users/${user.uuid}`, json(method, body));

/** Gives a user a picture of their own. */
export const putPicture = (user, file) =>
  ask(`users/${user.uuid}/picture?${new URLSearchParams({ name: file.name })}`, {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });

/** Takes the picture away. */
export const removePicture = (user) => ask(`users/${user.uuid}/picture`, { method: "DELETE" });

/** Asks for a look at all pictures now. */
export const syncPictures = () => ask("sync-pictures", json("POST", {}));
