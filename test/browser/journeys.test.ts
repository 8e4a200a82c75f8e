// What people come to the dashboard for, from the first click to what they see in the end.
import { describe, expect, it } from "vitest";
import { eventually } from "../e2e/stack.ts";
import { withDashboard } from "./dashboard.ts";
import { BROWSER } from "./find-browser.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import { waitForApproval } from "./stories.ts";

describe.skipIf(BROWSER === null)("a person at the dashboard", () => {
  const at = withDashboard(6);

  it("edits someone in Drupal, sees it in the audit log, and opens the user", async () => {
    const uuid = await at.stack.createDrupalUser("newcomer", { field_department: "Arrivals" });
    const { page, goTo, troubles, close } = await at.open();
    await goTo(`/audit?user=${uuid}`);
    await page.getByText("newcomer").first().waitFor();
    await at.stack.editDrupalUser(uuid, { field_department: "Departures" });
    await eventually("the change is in the log", async () =>
      (await at.stack.audit(`&user=${uuid}`)).some(({ operation }) => operation === "update"),
    );
    await goTo(`/audit?user=${uuid}&operation=update`);
    await page.locator("tr.opens button").first().click();
    await page.getByText("Departures").first().waitFor();
    await page
      .getByRole("link", { name: /newcomer/ })
      .first()
      .click();
    await page.getByRole("heading", { level: 1, name: /newcomer/ }).waitFor();
    await page.getByText("Departures").first().waitFor();
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("finds out why someone is left alone, previews them, and syncs them", async () => {
    await at.stack.control("drupal", { webhook: { formats: [] } });
    const uuid = await at.stack.createDrupalUser("overlooked");
    await at.stack.control("drupal", { webhook: { formats: ["standard"] } });
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/users");
    await page.getByRole("searchbox").or(page.getByRole("combobox")).first().fill("overlooked");
    await page
      .getByRole("link", { name: /overlooked/ })
      .or(page.getByRole("option", { name: /overlooked/ }))
      .first()
      .click();
    await page.getByRole("heading", { level: 1, name: /overlooked/ }).waitFor();
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await page
      .getByText(/planned/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Sync now", exact: true }).click();
    await eventually("the account is made", async () =>
      (await at.stack.entraUser("overlooked@contoso.example")) === null ? null : true,
    );
    const made = await eventually("the write is told", async () => {
      const [told] = await at.stack.audit(`&user=${uuid}&operation=create`);
      return told;
    });
    expect(made).toMatchObject({ cause: "onDemand", actor: "developer", status: "success" });
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("approves just the plan that is on the screen", async () => {
    const { cycleId, leavers } = await waitForApproval(at.stack);
    const [mover = leavers[0]] = leavers;
    if (mover === undefined) throw new Error("nobody was joined");
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/");
    await page.getByRole("link", { name: "Look at the plan" }).first().click();
    await page.getByText("It waits for an approval.").waitFor();
    await page.getByText(mover.name).first().waitFor();
    // Someone is let back in while the plan is being looked at: there is nothing left to take away from them.
    await at.stack.editDrupalUser(mover.uuid, { status: true });
    await page.getByRole("button", { name: "Approve the plan" }).click();
    await page.getByRole("button", { name: "Carry it out" }).click();
    await eventually("the others are disabled", async () => {
      const users = await Promise.all(leavers.map((one) => at.stack.entraUser(one.entraObjectId)));
      return users.slice(1).every((user) => user?.accountEnabled === false);
    });
    expect((await at.stack.entraUser(mover.entraObjectId))?.accountEnabled).toBe(true);
    await goTo(`/cycles/${cycleId}?outcome=inSync`);
    await page.getByText(mover.name).first().waitFor();
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("changes the mapping only after its impact was shown", async () => {
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/mapping?view=json");
    await page.getByRole("textbox", { name: "Configuration" }).fill(
      JSON.stringify({
        attributes: [{ kind: "direct", drupal: "field_department", entra: "jobTitle" }],
      }),
    );
    await page.getByRole("button", { name: /impact/i }).click();
    await page
      .getByText(/touches \d+ user/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: /^Save/ }).click();
    await eventually("the document is saved", async () => {
      const saved = await (await at.stack.api("/configuration")).json();
      return JSON.stringify(saved).includes("jobTitle");
    });
    expect(await troubles()).toEqual([]);
    await close();
  }, 120_000);

  it("meets names that are script, and they stay names", async () => {
    const uuids: string[] = [];
    for (const [index, name] of HOSTILE_NAMES.entries())
      uuids.push(
        await at.stack.createDrupalUser(`hostile.${index}`, {
          field_first_name: name,
          field_last_name: name,
          field_department: name,
        }),
      );
    await eventually("all of them are in the log", async () => {
      const told = await at.stack.audit("&operation=create");
      return uuids.every((uuid) => told.some(({ drupalUuid }) => drupalUuid === uuid));
    });
    const { page, goTo, settled, troubles, close } = await at.open();
    await goTo("/audit");
    for (const button of await page.locator("tr.opens button").all()) await button.click();
    await page.getByText("<script>alert(1)</script>").first().waitFor();
    for (const uuid of uuids) {
      await goTo(`/users/${uuid}`);
      await settled();
    }
    for (const path of ["/", "/users?q=hostile", "/drift", "/escrow", "/cycles"]) await goTo(path);
    for (const name of HOSTILE_NAMES) await goTo(`/users?q=${encodeURIComponent(name)}`);
    expect(await troubles()).toEqual([]);
    await close();
  }, 180_000);
});
