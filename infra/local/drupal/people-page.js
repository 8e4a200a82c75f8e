// The people page in the browser: polls for changes each second, shows values as text, writes by JSON.
import { putPicture, removePicture, send, syncPictures } from "./people-send.js";

const FIELDS = ["name", "mail", "field_first_name", "field_last_name", "field_department"];
const POLL_MS = 1000;

const byId = (id) => document.getElementById(id);
const rows = byId("rows");
const editor = byId("editor");
const form = byId("form");

let version = "";
let offset = 0;
let words = "";
let known = new Map();
let editing = null;
let request = 0;

const show = (element, text) => {
  element.hidden = text === "";
  element.textContent = text;
};

const detailsOf = ({ errors }) => errors.map(({ detail }) => detail).join(" ");

const longTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const initials = ({ field_first_name: first, field_last_name: last, name }) =>
  (
    [first, last].map((word) => [...(word ?? "")][0] ?? "").join("") || name.slice(0, 1)
  ).toUpperCase();

function faceOf(user) {
  if (user.picture === null) return initials(user);
  const image = document.createElement("img");
  image.alt = "";
  image.src = user.picture;
  return image;
}

function rowFor(user) {
  const row = byId("row").content.cloneNode(true).firstElementChild;
  const put = (selector, text) => {
    row.querySelector(selector).textContent = text ?? "–";
  };
  row.querySelector(".face").replaceChildren(faceOf(user));
  put(".name", user.name);
  put(".mail", user.mail ?? "no mail");
  put(".first", user.field_first_name);
  put(".last", user.field_last_name);
  put(".department", user.field_department);
  put(".status", user.status ? "Active" : "Blocked");
  const time = row.querySelector(".changed");
  time.textContent = longTime.format(new Date(user.changed));
  time.dateTime = user.changed;
  row.classList.toggle("blocked", !user.status);
  const before = known.get(user.uuid);
  row.classList.toggle("fresh", known.size > 0 && before !== JSON.stringify(user));
  const block = row.querySelector(".block");
  block.textContent = user.status ? "Block" : "Unblock";
  row.querySelector(".edit").addEventListener("click", () => openEditor(user));
  block.addEventListener("click", () => void act("PATCH", user, { status: !user.status }));
  row.querySelector(".cancel").addEventListener("click", () => void confirmCancel(user));
  for (const button of row.querySelectorAll("button"))
    button.setAttribute("aria-label", `${button.textContent} ${user.name}`);
  return row;
}

function render(page) {
  const focused = document.activeElement?.getAttribute("aria-label");
  rows.replaceChildren(...page.users.map(rowFor));
  if (focused)
    for (const button of rows.querySelectorAll("button"))
      if (button.getAttribute("aria-label") === focused) button.focus();
  known = new Map(page.users.map((user) => [user.uuid, JSON.stringify(user)]));
  const last = Math.min(page.total, offset + page.pageSize);
  byId("count").textContent =
    `${page.total.toLocaleString()} ${page.total === 1 ? "user" : "users"}`;
  byId("range").textContent = page.total === 0 ? "" : `${offset + 1}–${last} of ${page.total}`;
  byId("previous").disabled = offset === 0;
  byId("next").disabled = last >= page.total;
  byId("empty").hidden = page.total > 0;
  byId("sync").hidden = !page.canSync;
}

async function refresh() {
  request += 1;
  const mine = request;
  const query = new URLSearchParams({ q: words, offset: String(offset), version });
  try {
    const response = await fetch(`/_page/users?${query}`, { cache: "no-store" });
    const page = await response.json();
    if (mine !== request) return;
    byId("state").classList.remove("lost");
    byId("state-text").textContent = "Live";
    if (page.unchanged) return;
    version = page.version;
    if (page.users.length === 0 && offset > 0)
      return await anew(Math.max(0, offset - page.pageSize));
    render(page);
  } catch {
    byId("state").classList.add("lost");
    byId("state-text").textContent = "Not reachable";
  }
}

function anew(from) {
  offset = from;
  version = "";
  known = new Map();
  return refresh();
}

const choosesPicture = () =>
  form.elements.picture.files.length > 0 || form.elements.noPicture.checked;

/** The picture that was chosen: a file of the person's own, none any more, or what there is. */
async function savePicture() {
  const [file] = form.elements.picture.files;
  if (file !== undefined) return await putPicture(editing, file);
  return form.elements.noPicture.checked ? await removePicture(editing) : { ok: true };
}

async function save() {
  if (editing === null) return await send("POST", null, changes());
  const body = changes();
  const isPictureOnly = Object.keys(body).length === 0 && choosesPicture();
  const saved = isPictureOnly ? { ok: true, answer: editing } : await send("PATCH", editing, body);
  if (!saved.ok) return saved;
  // A second try after a refused picture must not send the fields again.
  editing = saved.answer;
  return await savePicture();
}

async function sync() {
  const told = byId("sync-told");
  byId("sync").disabled = true;
  const result = await syncPictures();
  byId("sync").disabled = false;
  told.classList.toggle("failed", !result.ok);
  told.textContent = result.ok ? result.answer.message : detailsOf(result);
}

async function act(method, user, body) {
  const result = await send(method, user, body);
  show(byId("notice"), result.ok ? "" : detailsOf(result));
  await refresh();
}

function openEditor(user) {
  editing = user;
  byId("editor-title").textContent = user === null ? "Add user" : `Edit ${user.name}`;
  for (const field of FIELDS) {
    form.elements[field].value = user?.[field] ?? "";
    form.elements[field].removeAttribute("aria-invalid");
  }
  form.elements.status.checked = user?.status ?? true;
  form.elements.picture.value = "";
  form.elements.noPicture.checked = false;
  byId("picture-field").hidden = user === null;
  byId("no-picture-field").hidden = user === null || user.picture === null;
  byId("errors").hidden = true;
  editor.showModal();
}

/** What the user changed; fields left alone are not sent, so that nobody else's change is undone. */
function changes() {
  const given = FIELDS.map((field) => [field, form.elements[field].value]).filter(
    ([field, value]) => value !== (editing?.[field] ?? ""),
  );
  const body = Object.fromEntries(
    given.map(([field, value]) => [field, field === "mail" && value === "" ? null : value]),
  );
  if (editing === null) body.name = form.elements.name.value;
  if (editing === null || form.elements.status.checked !== editing.status)
    body.status = form.elements.status.checked;
  return body;
}

function showErrors(errors) {
  const list = byId("errors");
  list.replaceChildren(
    ...errors.map(({ detail }) => {
      const item = document.createElement("li");
      item.textContent = detail;
      return item;
    }),
  );
  list.hidden = false;
  for (const field of FIELDS) {
    const wrong = errors.some(({ pointer }) => pointer?.split("/")[3] === field);
    form.elements[field].setAttribute("aria-invalid", String(wrong));
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("save").disabled = true;
  const result = await save();
  byId("save").disabled = false;
  if (!result.ok) return showErrors(result.errors);
  editor.close();
  await refresh();
});

async function confirmCancel(user) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent =
    `Drupal will cancel the account of ${user.name} in the way the site is set to. By default it is only blocked.`;
  dialog.returnValue = "keep";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue === "cancel-account") await act("DELETE", user);
}

byId("close").addEventListener("click", () => editor.close());
byId("sync").addEventListener("click", () => void sync());
byId("add").addEventListener("click", () => openEditor(null));
byId("previous").addEventListener("click", () => void anew(Math.max(0, offset - 50)));
byId("next").addEventListener("click", () => void anew(offset + 50));
byId("search").addEventListener("input", (event) => {
  words = event.target.value;
  void anew(0);
});
setInterval(() => {
  if (!document.hidden) void refresh();
}, POLL_MS);
void refresh();
