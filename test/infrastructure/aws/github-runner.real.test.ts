import { execFileSync } from "node:child_process";
import { createHash, verify } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitHubRunnerScript } from "../../../lib/infrastructure/aws/github-runners";
import { findMoto, MOTO_ACCOUNT, Moto } from "../../support/moto";
import { run, type Scope, testScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";

const REGION = "eu-central-1";

/** An HTTP server that answers with what a function says, and its address. */
async function serve(scope: Scope, answer: (request: IncomingMessage, body: string) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const said = answer(request, body);
      response.writeHead(said === undefined ? 403 : 200);
      response.end(typeof said === "string" || Buffer.isBuffer(said) ? said : JSON.stringify(said ?? ""));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  scope.defer(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
}

interface KmsAnswer {
  readonly KeyMetadata: { readonly Arn: string };
  readonly PublicKey: string;
}

/** A key of KMS, as imported: its ARN and its public half. */
async function keyOf(moto: Moto): Promise<{ readonly arn: string; readonly publicKey: Buffer }> {
  const kms = async (action: string, body: unknown) => {
    const answer = await fetch(moto.endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/kms/aws4_request`,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `TrentService.${action}`,
      },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as KmsAnswer;
  };
  const { KeyMetadata: key } = await kms("CreateKey", { KeyUsage: "SIGN_VERIFY", KeySpec: "RSA_2048" });
  const { PublicKey: publicKey } = await kms("GetPublicKey", { KeyId: key.Arn });
  return { arn: key.Arn, publicKey: Buffer.from(publicKey, "base64") };
}

describeWith(
  "the script of runners, by the judgement of shellcheck",
  { shellcheck: findTool("shellcheck") },
  (found) => {
    test("is good", async () => {
      const { stdout } = await run(found.shellcheck, ["--norc", "lib/infrastructure/aws/github-runner.sh"]);
      expect(stdout).toBe("");
    });
  },
);

describeWith("a runner of GitHub", { moto: findMoto(), curl: findTool("curl"), python3: findTool("python3") }, () => {
  test("registers by a signature of KMS for one job, which cannot sign in its place, and goes", async () => {
    const scope = testScope();
    const moto = await Moto.start(scope);
    const { arn, publicKey } = await keyOf(moto);
    expect(arn).toContain(MOTO_ACCOUNT);
    const home = scope.directory("runner");

    const software = scope.directory("software");
    writeFileSync(join(software, "run.sh"), `#!/bin/sh\necho "$@" > ${home}/ran\n`);
    chmodSync(join(software, "run.sh"), 0o755);
    const tar = execFileSync("tar", ["-czf", "-", "-C", software, "run.sh"]);

    const metadata = await serve(scope, ({ url = "", method, headers }) => {
      if (method === "PUT") return headers["x-aws-ec2-metadata-token-ttl-seconds"] ? "session" : undefined;
      if (headers["x-aws-ec2-metadata-token"] !== "session") return undefined;
      if (url.endsWith("/security-credentials/")) return "runner-role";
      if (url.endsWith("/runner-role"))
        return { AccessKeyId: "ASIA0", SecretAccessKey: "secret/with+signs", Token: "to+ken/==" };
      return url.endsWith("/instance-id") ? "i-0123" : undefined;
    });

    let checksum = createHash("sha256").update(tar).digest("hex");
    const asked: string[] = [];
    let api = "";
    api = await serve(scope, ({ url = "", method, headers }, body) => {
      asked.push(`${method} ${url} ${body}`.trim());
      if (url === "/software.tgz") return tar;
      const bearer = String(headers.authorization).replace("Bearer ", "");
      if (url === "/app/installations/4711/access_tokens") {
        const [head = "", claims = "", signature = ""] = bearer.split(".");
        const key = { key: publicKey, format: "der", type: "spki" } as const;
        const genuine = verify(
          "sha256",
          Buffer.from(`${head}.${claims}`),
          { ...key },
          Buffer.from(signature, "base64url"),
        );
        const { iss, iat, exp } = JSON.parse(Buffer.from(claims, "base64url").toString());
        return genuine && iss === "Iv23" && exp - iat <= 600 ? { token: "installation" } : undefined;
      }
      if (bearer !== "installation") return undefined;
      if (url.endsWith("/downloads")) {
        return ["x64", "arm64"].map((architecture) => ({
          ...{ os: "linux", architecture, download_url: `${api}/software.tgz`, sha256_checksum: checksum },
        }));
      }
      return url.endsWith("/generate-jitconfig") ? { encoded_jit_config: "once" } : "";
    });

    // The machine's own programs, which a test does not let act: they note what they were asked.
    const programs = scope.directory("programs");
    const program = (name: string, body: string) => {
      writeFileSync(join(programs, name), `#!/bin/bash\n${body}\n`);
      chmodSync(join(programs, name), 0o755);
    };
    program("systemctl", `echo "$@" >> ${home}/systemctl`);
    program("systemd-run", `echo "$@" > ${home}/confined; while [[ $1 == --* ]]; do shift; done; exec "$@"`);
    for (const name of ["useradd", "chown"]) program(name, "true");
    program("install", "mkdir -p ${@: -1}");

    const script = gitHubRunnerScript("prod", REGION, {
      repository: "acme/platform",
      appId: "Iv23",
      installationId: "4711",
      signingKeyArn: arn,
      apiUrl: api,
    });
    const start = () =>
      run("bash", ["-c", script], {
        env: {
          PATH: `${programs}:${process.env["PATH"]}`,
          RUNNER_HOME: join(home, "software"),
          AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
          AWS_ENDPOINT_URL_KMS: moto.endpoint,
          RETRY_SECONDS: "0",
        },
      });
    mkdirSync(join(home, "software"));
    const ended = await start();
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: "" });
    expect(asked.filter((line) => !line.includes("software.tgz"))).toEqual([
      'POST /app/installations/4711/access_tokens {"repositories":["platform"],"permissions":{"administration":"write"}}',
      "GET /repos/acme/platform/actions/runners/downloads",
      'POST /repos/acme/platform/actions/runners/generate-jitconfig {"name":"i-0123","runner_group_id":1,"labels":["self-hosted","caravan-prod"],"work_folder":"_work"}',
      "DELETE /installation/token",
    ]);
    expect(readFileSync(join(home, "ran"), "utf8")).toBe("--jitconfig once\n");
    const confined = readFileSync(join(home, "confined"), "utf8");
    expect(confined).toContain("--property=User=runner");
    expect(confined).toContain("--property=IPAddressDeny=169.254.169.254 fd00:ec2::254");
    expect(readFileSync(join(home, "systemctl"), "utf8")).toBe("poweroff\n");

    // Software that is not what GitHub says it is does not run; the machine goes all the same.
    checksum = createHash("sha256").update("else").digest("hex");
    writeFileSync(join(home, "ran"), "");
    const forged = await start();
    expect(forged.code).not.toBe(0);
    expect(forged.stderr).toContain("checksum");
    expect(readFileSync(join(home, "ran"), "utf8")).toBe("");
    expect(readFileSync(join(home, "systemctl"), "utf8")).toBe("poweroff\npoweroff\n");
  });
});
