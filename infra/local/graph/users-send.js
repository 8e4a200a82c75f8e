// The page's requests to the simulator; a refusal comes back in Graph's own words.

/** Sends a write; `fault` is undefined when it was done, else Graph's message and the properties it names. */
export async function send(method, path, body) {
  const isFile = body instanceof Blob;
  const init = { method, headers: { "Content-Type": isFile ? body.type : "application/json" } };
  if (body !== undefined) init.body = isFile ? body : JSON.stringify(body);
  try {
    const response = await fetch(`/_page/${path}`, init);
    const text = await response.text();
    const answer = text === "" ? {} : JSON.parse(text);
    if (response.ok) return { answer };
    const { message = `Status ${response.status}`, details = [] } = answer.error ?? {};
    return { fault: { message, targets: details.map(({ target }) => target) } };
  } catch {
    return { fault: { message: "The simulator did not answer.", targets: [] } };
  }
}

/** One page of the list, or undefined when the simulator cannot be reached. */
export async function readList(query) {
  try {
    const parameters = new URLSearchParams(query);
    const response = await fetch(`/_page/users?${parameters}`, { cache: "no-store" });
    return await response.json();
  } catch {
    return undefined;
  }
}

/** Shows a message, or hides its place when there is none. */
export function show(element, text) {
  element.hidden = text === "";
  element.textContent = text;
}
