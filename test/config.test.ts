// The app settings: faults are told at once and without a value, and nothing dangerous passes for a setting.
import { describe, expect, it } from "vitest";
import { configOf, TENANT } from "./api/asked.ts";

describe("the app settings", () => {
  it("have every fault told at once, and no value", () => {
    const read = () =>
      configOf({
        DRUPAL_BASE_URL: "http://www.contoso.example",
        WEBHOOK_SECRETS: "canary",
        ADMIN_AUTH: "open",
        REQUEST_TIMEOUT_MS: "1",
      });
    expect(read).toThrow(/4 fault/);
    expect(read).toThrow(
      /DRUPAL_BASE_URL: must be https[\s\S]*WEBHOOK_SECRETS: each secret[\s\S]*ADMIN_AUTH[\s\S]*REQUEST_TIMEOUT_MS/,
    );
    expect(read).not.toThrow(/canary/);
  });

  it("refuse development outside the Development environment, and half an identity", () => {
    expect(() => configOf({ ADMIN_AUTH: "development" })).toThrow(
      /only for AZURE_FUNCTIONS_ENVIRONMENT=Development/,
    );
    expect(() =>
      configOf({
        AzureWebJobsStorage: "",
        AzureWebJobsStorage__blobServiceUri: "https://x.blob.core.windows.net",
      }),
    ).toThrow(/AzureWebJobsStorage/);
    expect(() => configOf({ DRUPAL_AUTH: "oauth", DRUPAL_CLIENT_ID: "x" })).toThrow(
      /DRUPAL_CLIENT_SECRET: is required/,
    );
  });

  it("name half a way to prove who asks", () => {
    expect(() => configOf({ ADMIN_AUTH: "jwt" })).toThrow(/ADMIN_AUTH: jwt needs ADMIN_AUDIENCE/);
    expect(() => configOf({ ADMIN_AUTH: "easyauth", ENTRA_TENANT_ID: "" })).toThrow(
      /ADMIN_AUTH: easyauth needs ENTRA_TENANT_ID/,
    );
  });

  it("know the tenant as tokens write it, and its cloud", () => {
    const config = configOf({
      ENTRA_TENANT_ID: TENANT.toUpperCase(),
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/",
    });
    expect(config.entra.tenantId).toBe(TENANT);
    expect(config.entra.authority.origin).toBe("https://login.microsoftonline.us");
    expect(configOf({}).entra.authority.origin).toBe("https://login.microsoftonline.com");
  });

  it.each([
    ["AZURE_AUTHORITY_HOST", "http://login.contoso.example"],
    ["AZURE_AUTHORITY_HOST", "https://login.contoso.example/tenant"],
    ["AZURE_AUTHORITY_HOST", "http://127.0.0.1:9000"],
    ["ADMIN_ORIGINS", "http://sync.contoso.example"],
    ["ADMIN_ORIGINS", "https://sync.contoso.example/api"],
    ["ADMIN_ORIGINS", "https://sync.contoso.example *"],
    ["ADMIN_ORIGINS", "null"],
  ])("refuse %s=%s", (setting, value) => {
    expect(() => configOf({ [setting]: value })).toThrow(new RegExp(setting));
  });

  it("open Drupal's console to nobody, unless they say so in just one word", () => {
    expect(configOf({}).console).toEqual({ isOn: false });
    expect(configOf({ DRUPAL_CONSOLE: "on" }).console).toEqual({ isOn: true });
    for (const word of ["true", "1", "ON", "yes"])
      expect(() => configOf({ DRUPAL_CONSOLE: word })).toThrow(/DRUPAL_CONSOLE/);
  });

  it("take loopback for the tenant's sign-in only in the Development environment", () => {
    const env = {
      AZURE_AUTHORITY_HOST: "http://127.0.0.1:9000",
      AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    };
    expect(configOf(env).entra.authority.port).toBe("9000");
  });

  it("take several addresses of the app, as origins", () => {
    const { admin } = configOf({
      ADMIN_ORIGINS: "https://sync.contoso.example/, https://a.example:8443",
    });
    expect(admin.origins).toEqual(["https://sync.contoso.example", "https://a.example:8443"]);
  });
});
