// The rows of the three lists: users, deleted users and groups, all of it text.
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

const face = (user) => {
  if (user.photo === null) return initials(user.displayName);
  const image = document.createElement("img");
  image.alt = "";
  image.src = `/_page/users/${user.id}/photo?v=${encodeURIComponent(user.photo)}`;
  return image;
};

const start = (template) => {
  const row = document.getElementById(template).content.cloneNode(true).firstElementChild;
  const put = (selector, text) => {
    row.querySelector(selector).textContent = text || "–";
  };
  return { row, put };
};

const putTime = (row, time) => {
  const element = row.querySelector("time");
  element.textContent = time === null ? "–" : shortTime.format(new Date(time));
  if (time !== null) element.dateTime = time;
};

/** Gives each button of a row its name, its key for keeping the focus, and what it does. */
const wire = (row, item, acts) => {
  for (const [name, act] of Object.entries(acts)) {
    const button = row.querySelector(`.${name}`);
    button.setAttribute("aria-label", `${button.textContent} ${item.displayName}`);
    button.dataset.key = `${name} ${item.id}`;
    button.addEventListener("click", act);
  }
  return row;
};

const putPerson = (row, put, user) => {
  row.querySelector(".face").replaceChildren(face(user));
  put(".name", user.displayName);
  put(".upn", [user.userPrincipalName, ...user.marks].join(" · "));
  // Mostly the mail is the UPN again; only what differs is worth a line.
  const mail = row.querySelector(".mail");
  mail.textContent = user.mail === null ? "no mail" : `mail ${user.mail}`;
  mail.hidden = user.mail?.toLowerCase() === user.userPrincipalName.toLowerCase();
};

/** The row of a user. */
export function userRow(user, groups, acts) {
  const { row, put } = start("user-row");
  putPerson(row, put, user);
  put(".department", user.department);
  row.querySelector(".job").textContent = user.jobTitle ?? "";
  const names = groups.filter(({ id }) => user.groups.includes(id));
  put(".groups", names.map(({ displayName }) => displayName).join(", "));
  put(".status", user.accountEnabled ? "Enabled" : "Disabled");
  putTime(row, user.changed);
  row.classList.toggle("disabled", !user.accountEnabled);
  row.querySelector(".toggle").textContent = user.accountEnabled ? "Disable" : "Enable";
  return wire(row, user, acts);
}

/** The row of a user who was deleted. */
export function deletedRow(user, _groups, acts) {
  const { row, put } = start("deleted-row");
  putPerson(row, put, user);
  put(".department", user.department);
  putTime(row, user.deleted);
  return wire(row, user, acts);
}

const many = (count, word) => `${count.toLocaleString()} ${word}${count === 1 ? "" : "s"}`;

/** The row of a group. */
export function groupRow(group, _groups, acts) {
  const { row, put } = start("group-row");
  put(".name", group.displayName);
  row.querySelector(".upn").textContent = group.description ?? "";
  put(".members", many(group.users, "user"));
  put(".nested", group.groups.join(", "));
  put(".parents", group.memberOf.join(", "));
  return wire(row, group, acts);
}
