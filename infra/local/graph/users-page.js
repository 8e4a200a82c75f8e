// The users page in the browser: polls for changes each second, shows values as text, writes by JSON.
const FIELDS = ["displayName", "mail", "givenName", "surname", "department"];
const POLL_MS = 1000;

const byId = (id) => document.getElementById(id);
const rows = byId("rows");
const editor = byId("editor");
const form = byId("form");

let version = "";
let words = "";
let known = new Map();
let editing = null;
let request = 0;

const shortTime = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .filter((_letter, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toUpperCase();

function face(user) {
  if (user.photo === null) return initials(user.displayName);
  const image = document.createElement("img");
  image.alt = "";
  image.src = `/_page/users/${user.id}/photo?v=${encodeURIComponent(user.photo)}`;
  return image;
}

const statusOf = (user) => {
  if (user.deleted) return "Deleted";
  return user.accountEnabled ? "Enabled" : "Disabled";
};

function rowFor(user) {
  const row = byId("row").content.cloneNode(true).firstElementChild;
  const part = (selector) => row.querySelector(selector);
  const put = (selector, text) => {
    part(selector).textContent = text ?? "–";
  };
  part(".face").replaceChildren(face(user));
  put(".name", user.displayName);
  put(".upn", [user.userPrincipalName, ...user.marks].join(" · "));
  put(".mail", user.mail);
  part(".mail").title = user.mail ?? "";
  put(".department", user.department);
  put(".status", statusOf(user));
  put(".changed", user.changed === null ? "–" : shortTime.format(new Date(user.changed)));
  if (user.changed !== null) part(".changed").dateTime = user.changed;
  row.classList.toggle("disabled", user.deleted || !user.accountEnabled);
  row.classList.toggle("deleted", user.deleted);
  row.classList.toggle("fresh", known.size > 0 && known.get(user.id) !== JSON.stringify(user));
  put(".toggle", user.accountEnabled ? "Disable" : "Enable");
  put(".remove", user.deleted ? "Restore" : "Delete");
  part(".edit").hidden = user.deleted;
  part(".toggle").hidden = user.deleted;
  part(".edit").addEventListener("click", () => openEditor(user));
  part(".toggle").addEventListener("click", () =>
    act(user, "PATCH", { accountEnabled: !user.accountEnabled }),
  );
  part(".remove").addEventListener("click", () =>
    user.deleted ? act(user, "POST", {}, "/restore") : act(user, "DELETE"),
  );
  for (const button of row.querySelectorAll("button"))
    button.setAttribute("aria-label", `${button.textContent} ${user.displayName}`);
  return row;
}

function render(page) {
  const focused = document.activeElement?.getAttribute("aria-label");
  rows.replaceChildren(...page.users.map(rowFor));
  if (focused)
    for (const button of rows.querySelectorAll("button"))
      if (button.getAttribute("aria-label") === focused) button.focus();
  known = new Map(page.users.map((user) => [user.id, JSON.stringify(user)]));
  const all = `${page.total.toLocaleString()} ${page.total === 1 ? "user" : "users"}`;
  byId("count").textContent =
    page.users.length < page.total ? `${page.users.length} shown of ${all}` : all;
  byId("empty").hidden = page.users.length > 0;
}

async function refresh() {
  request += 1;
  const mine = request;
  try {
    const query = new URLSearchParams({ q: words, version });
    const response = await fetch(`/_page/users?${query}`, { cache: "no-store" });
    const page = await response.json();
    if (mine !== request) return;
    byId("state").classList.remove("lost");
    byId("state-text").textContent = "Live";
    if (page.unchanged) return;
    version = page.version;
    render(page);
  } catch {
    byId("state").classList.add("lost");
    byId("state-text").textContent = "Not reachable";
  }
}

/** Sends a write; the answer is "" or the message to show. */
async function send(method, path, body, type = "application/json") {
  const init = { method, headers: { "Content-Type": type } };
  if (body !== undefined) init.body = body instanceof Blob ? body : JSON.stringify(body);
  try {
    const response = await fetch(`/_page/users${path}`, init);
    if (response.ok) return "";
    const answer = await response.json();
    return answer.error?.message ?? `Status ${response.status}`;
  } catch {
    return "The simulator did not answer.";
  }
}

const show = (element, text) => {
  element.hidden = text === "";
  element.textContent = text;
};

async function act(user, method, body, suffix = "") {
  show(byId("notice"), await send(method, `/${user.id}${suffix}`, body));
  await refresh();
}

function openEditor(user) {
  editing = user;
  byId("editor-title").textContent = user === null ? "New user" : `Edit ${user.displayName}`;
  form.reset();
  for (const field of FIELDS) form.elements[field].value = user?.[field] ?? "";
  byId("photo-field").hidden = user === null;
  byId("errors").hidden = true;
  editor.showModal();
}

/** What the user changed; fields left alone are not sent, so that nobody else's change is undone. */
function changes() {
  const given = FIELDS.map((field) => [field, form.elements[field].value.trim()]).filter(
    ([field, value]) => value !== (editing?.[field] ?? ""),
  );
  return Object.fromEntries(given.map(([field, value]) => [field, value === "" ? null : value]));
}

async function save() {
  const body = changes();
  if (editing === null) return send("POST", "", body);
  const fault = Object.keys(body).length === 0 ? "" : await send("PATCH", `/${editing.id}`, body);
  const photo = form.elements.photo.files[0];
  return fault === "" && photo !== undefined
    ? send("PUT", `/${editing.id}/photo`, photo, photo.type)
    : fault;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("save").disabled = true;
  const fault = await save();
  byId("save").disabled = false;
  show(byId("errors"), fault);
  if (fault === "") editor.close();
  await refresh();
});

byId("close").addEventListener("click", () => editor.close());
byId("add").addEventListener("click", () => openEditor(null));
byId("search").addEventListener("input", (event) => {
  words = event.target.value;
  version = "";
  known = new Map();
  void refresh();
});
setInterval(() => {
  if (!document.hidden) void refresh();
}, POLL_MS);
void refresh();
