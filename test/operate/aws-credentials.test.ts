import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AwsCredentialChain } from "../../lib/operate/aws/credentials";
import { testScope } from "../support/temporary";
import { answering } from "./aws-answers";

const off = { AWS_EC2_METADATA_DISABLED: "true" };
const credentials = (env: Record<string, string>) => new AwsCredentialChain("eu-central-1", { ...off, ...env }).get();
const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

test("from variables, before all else", async () => {
  const variables = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };
  expect(await credentials({ ...variables, AWS_PROFILE: "none" })).toEqual({
    ...{ accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" },
  });
});

test("from a web identity, as CI has one", async () => {
  const file = join(testScope().directory(), "token");
  writeFileSync(file, "a.b.c\n");
  const { url, asked } = await answering(() => ({
    body: `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>se+cret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${inAnHour}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
  }));
  const role = "arn:aws:iam::123456789012:role/deployer";
  const found = await credentials({ AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role, AWS_ENDPOINT_URL_STS: url });
  expect(found).toMatchObject({ accessKeyId: "AKID", secretAccessKey: "se+cret", sessionToken: "token" });
  expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toMatchObject({
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: role,
    WebIdentityToken: "a.b.c",
  });
});

test("a web identity that is refused says why", async () => {
  const file = join(testScope().directory(), "token");
  writeFileSync(file, "a.b.c");
  const body =
    "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Token is expired</Message></Error></ErrorResponse>";
  const { url } = await answering(() => ({ status: 400, body }));
  const env = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: "arn:role", AWS_ENDPOINT_URL: url };
  await expect(credentials(env)).rejects.toThrow(/may not be arn:role: Token is expired\n {2}fix: sign in/);
});

test("from a container's address, renewed before they end", async () => {
  let count = 0;
  const { url, asked } = await answering(() => {
    count += 1;
    const Expiration = new Date(Date.now() + (count === 1 ? 60_000 : 3_600_000)).toISOString();
    return { body: JSON.stringify({ AccessKeyId: `AKID${count}`, SecretAccessKey: "s", Token: "t", Expiration }) };
  });
  const chain = new AwsCredentialChain("eu-central-1", {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic abc",
  });
  expect((await chain.get()).accessKeyId).toBe("AKID2");
  expect((await chain.get()).accessKeyId).toBe("AKID2");
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(["Basic abc", "Basic abc"]);
});

test("from the metadata service of an instance, by session token only", async () => {
  const { url, asked } = await answering(({ method, url: path }) => {
    if (method === "PUT") return { body: "session" };
    if (path.endsWith("/security-credentials/")) return { body: "server-main" };
    return { body: JSON.stringify({ AccessKeyId: "AKID", SecretAccessKey: "s", Token: "t", Expiration: inAnHour }) };
  });
  const found = await credentials({ AWS_EC2_METADATA_DISABLED: "", AWS_EC2_METADATA_SERVICE_ENDPOINT: url });
  expect(found).toMatchObject({ accessKeyId: "AKID", sessionToken: "t" });
  expect(asked.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    "PUT /latest/api/token",
    "GET /latest/meta-data/iam/security-credentials/",
    "GET /latest/meta-data/iam/security-credentials/server-main",
  ]);
  expect(asked.slice(1).map(({ headers }) => headers["x-aws-ec2-metadata-token"])).toEqual(["session", "session"]);
});

let path: string | undefined;
beforeEach(() => {
  path = process.env["PATH"];
});
afterEach(() => {
  process.env["PATH"] = path;
});

test("from a profile of any kind, by the AWS CLI", async () => {
  const directory = testScope().directory();
  const program = join(directory, "aws");
  const told = { Version: 1, AccessKeyId: "AKID", SecretAccessKey: "s", SessionToken: "t", Expiration: inAnHour };
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$*" = "configure export-credentials --format process --profile work" ] || { echo "expired session" >&2; exit 1; }\necho '${JSON.stringify(told)}'\n`,
  );
  chmodSync(program, 0o755);
  process.env["PATH"] = `${directory}:${path}`;
  expect(await credentials({ AWS_PROFILE: "work" })).toMatchObject({ accessKeyId: "AKID", sessionToken: "t" });
  await expect(credentials({ AWS_PROFILE: "other" })).rejects.toThrow(/profile "other": expired session/);
  process.env["PATH"] = testScope().directory();
  await expect(credentials({ AWS_PROFILE: "work" })).rejects.toThrow(/AWS CLI, which reads profiles, is not installed/);
});

test("nowhere: the error says how to sign in", async () => {
  await expect(credentials({})).rejects.toThrow(/no AWS credentials in the environment\n {2}fix: sign in to AWS/);
});
