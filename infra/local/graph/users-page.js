// The users page in the browser: polls for changes each second, shows values as text, writes by JSON.
import { openEditor } from "./users-editor.js";
import { deletedRow, groupRow, userRow } from "./users-rows.js";
import { readList, send, show } from "./users-send.js";
import { offerSync } from "./users-sync.js";

const POLL_MS = 1000;
const VIEWS = {
  users: { title: "Users", add: "New user", noun: "user" },
  deleted: { title: "Deleted users", add: "", noun: "deleted user" },
  groups: { title: "Groups", add: "New group", noun: "group" },
};

const byId = (id) => document.getElementById(id);

let view = "users";
let version = "";
let offset = 0;
let words = "";
let known = new Map();
let groups = [];
let request = 0;
let lastKey = "";

async function act(method, path, body) {
  const { fault } = await send(method, path, body);
  show(byId("notice"), fault?.message ?? "");
  await refresh();
  return fault;
}

async function ask(dialog, fill) {
  fill?.();
  dialog.returnValue = "keep";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue !== "keep" && dialog.returnValue !== "";
}

const confirm = (title, text, label) =>
  ask(byId("confirm"), () => {
    byId("confirm-title").textContent = title;
    byId("confirm-text").textContent = text;
    byId("confirm-do").textContent = label;
  });

async function removeUser(user) {
  const text = `${user.displayName} goes to the deleted users and can be restored for 30 days.`;
  if (await confirm("Delete user", text, "Delete")) await act("DELETE", `users/${user.id}`);
}

async function purgeUser(user) {
  const text = `${user.displayName} cannot be restored after this.`;
  if (await confirm("Delete permanently", text, "Delete permanently"))
    await act("DELETE", `deleted/${user.id}`);
}

async function removeGroup(group) {
  const text = `A security group is deleted for good at once. The members of ${group.displayName} stay.`;
  if (await confirm("Delete group", text, "Delete")) await act("DELETE", `groups/${group.id}`);
}

/** Tries a plain restore first; what stands against it is shown with the two ways around. */
async function restoreUser(user) {
  const path = `deleted/${user.id}/restore`;
  let fault = await act("POST", path, {});
  show(byId("notice"), "");
  const form = byId("restore-form");
  form.reset();
  while (fault !== undefined) {
    const message = fault.message;
    const wanted = await ask(byId("restore"), () => {
      byId("restore-text").textContent = `Restore ${user.displayName}`;
      show(byId("restore-errors"), message);
    });
    if (!wanted) return;
    const upn = form.elements.newUserPrincipalName.value.trim();
    fault = await act("POST", path, {
      ...(upn === "" ? {} : { newUserPrincipalName: upn }),
      autoReconcileProxyConflict: form.elements.autoReconcileProxyConflict.checked,
    });
    show(byId("notice"), "");
  }
}

async function addGroup() {
  const form = byId("group-form");
  form.reset();
  let message = "";
  for (;;) {
    if (!(await ask(byId("group-dialog"), () => show(byId("group-errors"), message)))) return;
    const displayName = form.elements.displayName.value.trim();
    const description = form.elements.description.value.trim() || null;
    const { fault } = await send("POST", "groups", { displayName, description });
    if (fault === undefined) return refresh();
    message = fault.message;
  }
}

const edit = (user) => openEditor(user, groups, refresh);

const rowOf = {
  users: (user) =>
    userRow(user, groups, {
      edit: () => edit(user),
      toggle: () => void act("PATCH", `users/${user.id}`, { accountEnabled: !user.accountEnabled }),
      remove: () => void removeUser(user),
    }),
  deleted: (user) =>
    deletedRow(user, groups, {
      restore: () => void restoreUser(user),
      purge: () => void purgeUser(user),
    }),
  groups: (group) => groupRow(group, groups, { remove: () => void removeGroup(group) }),
};

const matching = (group) =>
  [group.displayName, group.description ?? ""].some((text) =>
    text.toLowerCase().includes(words.trim().toLowerCase()),
  );

function renderFrame(page, total) {
  for (const name of Object.keys(VIEWS)) {
    byId(`${name}-table`).hidden = name !== view;
    byId(`${name}-count`).textContent = page.counts[name].toLocaleString();
    const link = byId(`${name}-link`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const { title, add, noun } = VIEWS[view];
  byId("title").textContent = title;
  byId("add").hidden = add === "";
  offerSync(page.canSync && view === "users");
  byId("add").textContent = add;
  byId("count").textContent = `${total.toLocaleString()} ${noun}${total === 1 ? "" : "s"}`;
  byId("empty").hidden = total > 0;
  const last = Math.min(total, offset + page.pageSize);
  byId("pages").hidden = view === "groups" || total <= page.pageSize;
  byId("range").textContent = `${offset + 1}–${last} of ${total.toLocaleString()}`;
  byId("previous").disabled = offset === 0;
  byId("next").disabled = last >= total;
}

function render(page) {
  groups = page.groups;
  const items = view === "groups" ? groups.filter(matching) : page.users;
  const held = document.activeElement?.dataset.key;
  const rows = items.map((item) => {
    const row = rowOf[view](item);
    const isFresh = known.size > 0 && known.get(item.id) !== JSON.stringify(item);
    row.classList.toggle("fresh", isFresh);
    return row;
  });
  byId(`${view}-rows`).replaceChildren(...rows);
  if (held !== undefined) focusOn(held);
  known = new Map(items.map((item) => [item.id, JSON.stringify(item)]));
  renderFrame(page, view === "groups" ? items.length : page.total);
}

/** Rows are made anew, so the focus is given back by what a button does to whom. */
function focusOn(key) {
  const all = [...document.querySelectorAll("button[data-key]")];
  (all.find((button) => button.dataset.key === key) ?? byId("search")).focus();
}

async function refresh() {
  request += 1;
  const mine = request;
  const page = await readList({ view, q: words, offset: String(offset), version });
  if (mine !== request) return;
  byId("state").classList.toggle("lost", page === undefined);
  byId("state-text").textContent = page === undefined ? "Not reachable" : "Live";
  if (page === undefined || page.unchanged) return;
  if (page.users.length === 0 && offset > 0 && view !== "groups")
    return anew(Math.max(0, offset - page.pageSize));
  version = page.version;
  render(page);
}

function anew(from) {
  offset = from;
  version = "";
  known = new Map();
  return refresh();
}

function follow() {
  const wanted = location.hash.slice(1);
  view = Object.hasOwn(VIEWS, wanted) ? wanted : "users";
  document.title = `${VIEWS[view].title} · Entra simulator`;
  show(byId("notice"), "");
  void anew(0);
}

byId("add").addEventListener("click", () => (view === "groups" ? void addGroup() : edit(null)));
byId("previous").addEventListener("click", () => void anew(Math.max(0, offset - 50)));
byId("next").addEventListener("click", () => void anew(offset + 50));
byId("search").addEventListener("input", (event) => {
  words = event.target.value;
  void anew(0);
});
document.addEventListener("click", (event) => {
  lastKey = event.target.closest?.("button[data-key]")?.dataset.key ?? lastKey;
});
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close("keep"));
  dialog.addEventListener("close", () => {
    if (document.activeElement === document.body && lastKey !== "") focusOn(lastKey);
  });
}
addEventListener("hashchange", follow);
setInterval(() => {
  if (!document.hidden) void refresh();
}, POLL_MS);
follow();
