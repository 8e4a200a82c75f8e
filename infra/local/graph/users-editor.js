// The dialog for one user: sends only what was changed, and shows Graph's refusal next to the fields it names.
import { send, show } from "./users-send.js";

const FIELDS = [
  "displayName",
  "userPrincipalName",
  "mail",
  "givenName",
  "surname",
  "department",
  "jobTitle",
  "mobilePhone",
  "businessPhones",
];

const byId = (id) => document.getElementById(id);
const dialog = byId("editor");
const form = byId("form");

let id = null;
// What the simulator has as far as the form knows; fields left alone are not sent, so no other change is undone.
let before = {};
let memberOf = new Set();
let changed = async () => {};

const boxes = () => [...byId("group-boxes").querySelectorAll("input")];
const typed = (field) => form.elements[field].value.trim();

const textOf = (user, field) => (field === "businessPhones" ? user[field][0] : user[field]) ?? "";

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

function addBox(group, checked) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.value = group.id;
  box.checked = checked;
  const nested = group.groups?.length ? `with ${group.groups.join(", ")}` : "";
  const text = element("span", "", "");
  text.append(
    element("span", "group-name", `${group.displayName} `),
    element("span", "group-note", nested),
  );
  const label = element("label", "check", "");
  label.append(box, text);
  byId("group-boxes").append(label);
  return box;
}

function fault({ message, targets }) {
  show(byId("errors"), message);
  const target = (field) =>
    targets.includes(field) || (field === "mail" && targets.includes("proxyAddresses"));
  // Not every refusal has details: some name their property in the text only.
  const named = (field) => message.includes(`'${field}'`) || message.includes(` ${field} `);
  for (const field of FIELDS) {
    const isWrong = target(field) || named(field);
    form.elements[field].setAttribute("aria-invalid", String(isWrong));
    form.elements[field].setAttribute("aria-describedby", isWrong ? "errors" : "");
  }
  const wrong = FIELDS.find((field) => form.elements[field].ariaInvalid === "true");
  form.elements[wrong ?? "displayName"].focus();
}

/** Opens the dialog for a user, or for a new one; `onChange` runs after each write. */
export function openEditor(user, groups, onChange) {
  id = user?.id ?? null;
  changed = onChange;
  memberOf = new Set(user?.groups ?? []);
  byId("editor-title").textContent = user === null ? "New user" : `Edit ${user.displayName}`;
  form.reset();
  for (const field of FIELDS) {
    form.elements[field].value = user === null ? "" : textOf(user, field);
    form.elements[field].removeAttribute("aria-invalid");
  }
  form.elements.accountEnabled.checked = user?.accountEnabled ?? true;
  before = user === null ? { accountEnabled: true } : snapshot();
  byId("group-boxes").replaceChildren();
  for (const group of groups) addBox(group, memberOf.has(group.id));
  byId("photo-field").hidden = user === null;
  show(byId("errors"), "");
  dialog.showModal();
  dialog.scrollTop = 0;
}

const snapshot = () => ({
  ...Object.fromEntries(FIELDS.map((field) => [field, typed(field)])),
  accountEnabled: form.elements.accountEnabled.checked,
});

const asProperty = (field, value) => {
  if (field === "businessPhones") return value === "" ? [] : [value];
  return value === "" ? null : value;
};

const differences = () =>
  Object.fromEntries(
    Object.entries(snapshot())
      .filter(([field, value]) => value !== (before[field] ?? ""))
      .map(([field, value]) => [field, asProperty(field, value)]),
  );

async function saveUser() {
  const body = differences();
  if (id === null) {
    const result = await send("POST", "users", body);
    if (result.fault === undefined) id = result.answer.id;
    return result.fault;
  }
  if (Object.keys(body).length === 0) return undefined;
  return (await send("PATCH", `users/${id}`, body)).fault;
}

async function saveGroups() {
  for (const { value: group, checked } of boxes()) {
    if (checked === memberOf.has(group)) continue;
    const method = checked ? "PUT" : "DELETE";
    const result = await send(method, `groups/${group}/members/${id}`);
    if (result.fault !== undefined) return result.fault;
    if (checked) memberOf.add(group);
    else memberOf.delete(group);
  }
  return undefined;
}

async function savePhoto() {
  const photo = form.elements.photo.files[0];
  return photo === undefined ? undefined : (await send("PUT", `users/${id}/photo`, photo)).fault;
}

async function save() {
  const refused = await saveUser();
  if (refused !== undefined) return refused;
  // A second try after a refused group must not send the user again.
  before = snapshot();
  return (await saveGroups()) ?? (await savePhoto());
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("save").disabled = true;
  const refused = await save();
  byId("save").disabled = false;
  if (refused === undefined) dialog.close();
  else fault(refused);
  await changed();
});

async function createGroup() {
  const field = form.elements.newGroup;
  const displayName = field.value.trim();
  if (displayName === "") return field.focus();
  const result = await send("POST", "groups", { displayName });
  if (result.fault !== undefined) return show(byId("errors"), result.fault.message);
  field.value = "";
  show(byId("errors"), "");
  addBox({ id: result.answer.id, displayName }, true).focus();
  await changed();
}

byId("create-group").addEventListener("click", () => void createGroup());
form.elements.newGroup.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  void createGroup();
});
