import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AzureCredentialChain, claimsOf } from "../../lib/operate/azure/credentials";
import { testScope } from "../support/temporary";
import { answering } from "./aws-answers";
import { tokenOf } from "./azure-ground";

/** Entra ID's token address, GitHub's, and a machine's metadata, which answer with what they were asked. */
async function ground(lifeSeconds = 3_600) {
  const server = await answering(({ url, body }) => {
    if (url.startsWith("/github")) return { body: JSON.stringify({ value: "of the forge" }) };
    if (url.startsWith("/metadata")) {
      return { body: JSON.stringify({ access_token: url, expires_on: String(Date.now() / 1_000 + lifeSeconds) }) };
    }
    if (body.includes("stranger")) return { status: 400, body: '{"error_description":"AADSTS70021: no match"}' };
    return { body: JSON.stringify({ access_token: `${url} ${body}`, expires_in: lifeSeconds }) };
  });
  return { asked: server.asked, url: server.url };
}

test("CI's token of a file is exchanged at the tenant, for the resource as it is written", async () => {
  const { url, asked } = await ground();
  const file = join(testScope().directory(), "token");
  writeFileSync(file, "of a file\n");
  const env = { ARM_OIDC_TOKEN_FILE_PATH: file, ARM_CLIENT_ID: "client", AZURE_AUTHORITY_HOST: url };
  const chain = new AzureCredentialChain("tenant", env);
  const [path, form] = (await chain.get("https://management.azure.com/")).split(" ");
  expect(path).toBe("/tenant/oauth2/v2.0/token");
  const sent = new URLSearchParams(form);
  // Two slashes: the token is then for the resource with its own.
  expect(sent.get("scope")).toBe("https://management.azure.com//.default");
  expect([sent.get("client_id"), sent.get("client_assertion")]).toEqual(["client", "of a file"]);
  await chain.get("https://management.azure.com/");
  expect(asked).toHaveLength(1);
  await chain.get("https://vault.azure.net");
  expect(asked).toHaveLength(2);
});

test("GitHub's token is asked for where ARM_USE_OIDC says so", async () => {
  const { url, asked } = await ground();
  const env = {
    ...{ ARM_USE_OIDC: "true", ARM_CLIENT_ID: "client", ARM_TENANT_ID: "other", AZURE_AUTHORITY_HOST: url },
    ...{ ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/github?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request" },
  };
  expect(await new AzureCredentialChain("tenant", env).get("https://vault.azure.net")).toMatch(/^\/other\//);
  expect(asked[0]).toMatchObject({ url: "/github?v=1&audience=api%3A%2F%2FAzureADTokenExchange" });
  expect(asked[0]?.headers.authorization).toBe("Bearer request");
});

test("a token that ends soon is asked for anew, and a refusal says why", async () => {
  const { url, asked } = await ground(60);
  const env = { ARM_USE_MSI: "true", ARM_MSI_ENDPOINT: `${url}/metadata`, ARM_CLIENT_ID: "client" };
  const chain = new AzureCredentialChain("tenant", env);
  expect(await chain.get("https://vault.azure.net")).toBe(
    "/metadata?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=client",
  );
  await chain.get("https://vault.azure.net");
  expect(asked).toHaveLength(2);
  const stranger = { ARM_OIDC_TOKEN: "stranger", ARM_CLIENT_ID: "client", AZURE_AUTHORITY_HOST: url };
  await expect(new AzureCredentialChain("tenant", stranger).get("https://vault.azure.net")).rejects.toMatchObject({
    kind: "denied",
    reason: expect.stringContaining("AADSTS70021: no match"),
  });
  await expect(new AzureCredentialChain("tenant", { ARM_OIDC_TOKEN: "x" }).get("r")).rejects.toThrow(/whose/);
});

test("what a token says is read, and a text that is none says nothing", () => {
  expect(claimsOf(tokenOf({ oid: "1" }))).toEqual({ oid: "1" });
  expect(claimsOf("opaque")).toEqual({});
});
