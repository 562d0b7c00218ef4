import { beforeAll, expect, test } from "vitest";
import { files, nodeFiles, serverLibrary } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { BUCKET, findLan, type Host, Lan, LOG_GROUP, MACHINES, SECRETS } from "./support/lan";
import { FIRST_BOOT, install, type Keys, ROLES, serverTags, single, steps, unpackLibrary } from "./support/server";
import { requestIn, signatureOf } from "./support/signature";

describeWith(
  "first boot, step by step",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let lan: Lan;
    let keys: Keys;
    let servers: Host[];
    /** The one that is to live. */
    let server: Host;

    const newServer = async () => {
      const host = await lan.host("server-main", serverTags);
      await install(lan, host, single, keys);
      return host;
    };
    const failsWith = async (script: string, message: string | RegExp) => {
      const { code, stderr } = await server.run(script);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    };

    beforeAll(async () => {
      lan = await Lan.start(scope);
      for (const role of ROLES) lan.role(role);
      keys = { seal: lan.key(), keyring: lan.key() };
      servers = [await newServer(), await newServer(), await newServer()];
      server = servers[0] as Host;
    });

    test("a library that is missing or changed is not used", async () => {
      const { key, content } = serverLibrary(single);
      lan.putObject(key, content.replace("caravan", "CARAVAN"));
      await failsWith(FIRST_BOOT, `caravan library: ${key} is not what its name says`);
      lan.deleteObject(key);
      await failsWith(FIRST_BOOT, `the bucket ${BUCKET} has no ${key}: was Terraform applied to its end?`);
      lan.putObject(key, content);
      for (const host of servers) unpackLibrary(host, single);
    });

    test("a server that boots again has its library, also where the bucket only has that of a newer recipe", async () => {
      const { key, content } = serverLibrary(single);
      const unpack =
        "cd /usr/local/lib/caravan && . ./common.sh && . ./aws.sh && " +
        `eval "$(sed -n '/^step_library/,/^}/p; /^hashed/p' first-boot.sh)" && step_library`;
      await server.do(unpack);
      lan.deleteObject(key);
      await server.do(`rm /usr/local/bin/caravan-node && (${unpack}) && [ -x /usr/local/bin/caravan-node ]`);
      await server.do(`echo changed >>/var/lib/caravan/library`);
      await failsWith(unpack, `the bucket ${BUCKET} has no ${key}`);
      lan.putObject(key, content);
    });

    test("an unreachable store, a refused right and an instance without a role are told as what they are", async () => {
      const s3 = "s3.eu-central-1.amazonaws.com";
      const hosts = server.read("/etc/hosts");
      server.write("/etc/hosts", hosts.replace(/^.* s3\..*$/m, `127.0.0.9 ${s3}`));
      await failsWith(
        steps("document"),
        new RegExp(`cannot read document in the bucket ${BUCKET}: curl: .*Failed to connect`),
      );
      server.write("/etc/hosts", hosts);

      lan.bucketPolicy({
        Effect: "Deny",
        Principal: "*",
        Action: "s3:PutObject",
        Resource: `arn:aws:s3:::${BUCKET}/document`,
      });
      await failsWith(steps("document"), new RegExp(`cannot create document in the bucket ${BUCKET}: HTTP 403`));
      lan.bucketPolicy();

      await server.do("rm /run/caravan/credentials");
      const roles = "meta-data/iam/security-credentials/";
      server.tell({ [roles]: undefined });
      await failsWith(steps("document"), "the metadata service gives no credentials: is the instance profile there?");
      server.tell({ [roles]: "server-main" });
    });

    test("through a proxy go the cloud's APIs, and nothing of the cluster's own", async () => {
      const asked = await lan.proxy(3128);
      const hosts = server.read("/etc/hosts");
      server.write("/etc/hosts", hosts.replace(/^\S+ (.*amazonaws\.com)$/gm, "127.0.0.9 $1"));
      await failsWith(`${steps()}\ntries=1 list snapshots/`, /cannot list .*Failed to connect to s3/);
      const proxied = { ...single, proxy: { url: "http://10.99.0.1:3128" } };
      server.write(files.proxy.path, nodeFiles(proxied).find(({ path }) => path === files.proxy.path)?.content ?? "");
      // In a shell of a person's, which systemd has told nothing.
      await server.do(
        `${steps()}\nlist snapshots/; read_secret ${SECRETS.ca} /tmp/read || true; gone i-0 || true; tries=1 api vault GET sys/health`,
      );
      server.write("/etc/hosts", hosts);
      await server.do(`rm ${files.proxy.path}`);
      expect(asked().sort()).toEqual(
        ["ec2", "s3", "secretsmanager"].map((service) => `CONNECT ${service}.eu-central-1.amazonaws.com:443`),
      );
    });

    // moto checks no signature. What AWS would compute is computed here from what curl sent.
    test.each([
      ["create an object", "date >/tmp/body; create a/b-1 /tmp/body", "/tmp/body"],
      ["keep an object", "date >/tmp/body; keep snapshots/a/b.snap /tmp/body 1", "/tmp/body"],
      ["read an object", "fetch a/b-1 /tmp/read", "/dev/null"],
      ["list objects", "list snapshots/a/ >/tmp/keys", "/dev/null"],
      ["delete an object", "delete a/b-1", "/dev/null"],
      ["read a secret", `read_secret ${SECRETS.ca} /tmp/read || true; cp "$tmp/ask" /tmp/body`, "/tmp/body"],
      [
        "ask for an instance",
        "gone i-0 || true; printf 'Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0' >/tmp/body",
        "/tmp/body",
      ],
    ])("curl signs as AWS does: %s", async (name, verb, body) => {
      server.write("/root/.curlrc", 'verbose\nstderr = "/tmp/trace"\n');
      await server.do(`export HOME=/root\n${steps()}\ns3 "$bucket/"\n${verb}`);
      server.write("/root/.curlrc", "");
      const request = requestIn(server.read("/tmp/trace"));
      const [, secretKey = ""] = /^user = "[^:]+:([^"]+)"/.exec(server.read("/run/caravan/credentials")) ?? [];
      const hash = (await server.do(`sha256sum ${body}`)).slice(0, 64);
      expect(request.headers["authorization"]).toContain(`Signature=${signatureOf(request, secretKey, hash)}`);
      if (/object/.test(name)) expect(request.headers["x-amz-content-sha256"]).toBeDefined();
      const signed = /SignedHeaders=([^,]+)/.exec(request.headers["authorization"] ?? "")?.[1]?.split(";") ?? [];
      expect(
        Object.keys(request.headers).filter((name) => name.startsWith("x-amz-") && !signed.includes(name)),
      ).toEqual([]);
    });

    test("a kept object is locked until its day, with what S3 asks of such a request", async () => {
      server.write("/root/.curlrc", 'verbose\nstderr = "/tmp/trace"\n');
      const until = (await server.do("date -u -d '+14 days' +%F")).trim();
      await server.do(`export HOME=/root\n${steps()}\ndate >/tmp/body; keep snapshots/vault/1.snap /tmp/body 14`);
      server.write("/root/.curlrc", "");
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: a locked put needs a checksum.
      const { headers } = requestIn(server.read("/tmp/trace"));
      const checksum = (await server.do("openssl dgst -sha256 -binary /tmp/body | base64")).trim();
      expect(headers).toMatchObject({
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-sdk-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": checksum,
      });
      const object = `https://s3.eu-central-1.amazonaws.com/${BUCKET}/snapshots/vault/1.snap`;
      const kept = lan.aws("s3", object, ["-I"]);
      expect(kept).toMatch(/x-amz-object-lock-mode: GOVERNANCE/i);
      expect(kept).toMatch(new RegExp(`x-amz-object-lock-retain-until-date: ${until}T`, "i"));
      const [, version = ""] = /x-amz-version-id: (\S+)/i.exec(kept) ?? [];
      expect(() => lan.aws("s3", `${object}?versionId=${version}`, ["-X", "DELETE"])).toThrow("Access Denied");
    });

    test("what units say reaches the cloud's log, once, also after a restart; what fails is told", async () => {
      const journal = (lines: readonly (string | number[])[]) =>
        lines.map((MESSAGE, n) =>
          JSON.stringify({ MESSAGE, __CURSOR: String(n + 1), __REALTIME_TIMESTAMP: `${Date.now()}000` }),
        );
      const told = () => {
        const body = { logGroupName: LOG_GROUP, logStreamName: `main/${server.instance}` };
        const { events } = JSON.parse(lan.awsJson("logs", "Logs_20140328.GetLogEvents", body));
        return events.map(({ message }: { message: string }) => message);
      };
      // A journal of this machine has no room in a host without systemd.
      const after = "after=0; for a; do case $a in --after-cursor=*) after=${a#*=} ;; esac; done";
      server.write(
        "/usr/bin/journalctl",
        `#!/bin/bash\n${after}\njq -c --arg after "$after" 'select((.__CURSOR | tonumber) > ($after | tonumber))' /tmp/journal\n`,
        0o755,
      );
      const ship = (seconds: number) => server.run(`timeout ${seconds} ${files.log.path}`);
      server.write("/tmp/journal", journal(["caravan document: a", 'ü "$(id)"', [104, 105]]).join("\n"));
      await ship(12);
      expect(told()).toEqual(["caravan document: a", 'ü "$(id)"', "hi"]);
      server.write("/tmp/journal", journal(["caravan document: a", "b", "c", "caravan vault: d"]).join("\n"));
      await ship(4);
      expect(told()).toEqual(["caravan document: a", 'ü "$(id)"', "hi", "caravan vault: d"]);

      lan.awsJson("logs", "Logs_20140328.DeleteLogGroup", { logGroupName: LOG_GROUP });
      await server.do("rm /var/lib/caravan/log-cursor");
      const { code, stderr } = await ship(20);
      expect(code).toBe(1);
      expect(stderr).toContain(`caravan log: cannot write to the log group ${LOG_GROUP}: HTTP 400`);
      lan.awsJson("logs", "Logs_20140328.CreateLogGroup", { logGroupName: LOG_GROUP });
    });

    test("servers leave a product one after the other, and know who left before", async () => {
      const take = (host: Host, then: string) =>
        host.do(
          `${steps()}\n. ./turn.sh; step=leave\n(take_turn nomad; echo "$before $(date +%s%N)"; ${then}) 2>/tmp/said`,
        );
      const end = "sleep 1; date +%s%N; end_turn nomad left";
      const turns = await Promise.all(
        servers.map(async (host) => {
          const [before = "", began = "", ended = ""] = (await take(host, end)).trimEnd().split(/[ \n]/);
          return { address: host.address, before, began, ended };
        }),
      );
      turns.sort((a, b) => (a.began < b.began ? -1 : 1));
      expect(turns.map(({ before }) => before)).toEqual(["", ...turns.slice(0, 2).map(({ address }) => address)]);
      for (const [index, { began }] of turns.slice(1).entries()) expect(began > (turns[index]?.ended ?? "")).toBe(true);
      expect(servers.map((host) => host.read("/tmp/said")).join("")).toMatch(
        /caravan leave: i-\w+ is leaving nomad: this server waits for its turn\n/,
      );
      // Its own turn after a crash in the midst of it; who stays is no one to wait for.
      const [one, two] = servers as [Host, Host];
      expect(await take(one, "exit")).toMatch(new RegExp(`^${turns[2]?.address} `));
      await take(one, "end_turn nomad stayed");
      expect(await take(two, "end_turn nomad left")).toMatch(/^ \d/);
      expect(lan.keys("leaving/")).toEqual(["leaving/nomad/4", "leaving/nomad/5"]);
    });

    test("of three that make the cluster document at once one wins, and all have its CA", async () => {
      const said = await Promise.all(servers.map((host) => host.do(`(${steps("document")}) 2>&1`)));
      expect(said.join("").split("made the cluster document")).toHaveLength(2);
      const cas = servers.map((host) => host.read("/etc/caravan/ca.pem"));
      expect(new Set(cas)).toEqual(new Set([JSON.parse(lan.object("document") ?? "").ca[0].cert]));
      expect(lan.secret(SECRETS.ca)).toBe(cas[0]);
    });

    test("a certificate has its names and thirty days, stays while it is good, and is signed anew when it is not", async () => {
      expect(await server.do(`(${steps("document", "certificates")}) 2>&1`)).toContain(
        "signed a certificate for consul",
      );
      const file = "/etc/consul.d/tls/consul.pem";
      const shown = await server.do(
        `openssl x509 -noout -ext subjectAltName,extendedKeyUsage -in ${file}; stat -c '%U %G %a' ${file}`,
      );
      expect(shown).toContain(
        `DNS:server.dc1.consul, DNS:consul.${MACHINES}, DNS:localhost, IP Address:127.0.0.1, IP Address:${server.address}`,
      );
      expect(shown).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
      expect(shown).toContain("vault-agent consul 640");
      await server.do(
        `openssl x509 -checkend ${29 * 86400} -in ${file} && ! openssl x509 -checkend ${31 * 86400} -in ${file}`,
      );
      expect(await server.do(`(${steps("document", "certificates")}) 2>&1`)).not.toContain("signed");
      const other = servers[1] as Host;
      other.write(file, server.read(file));
      expect(await other.do(`(${steps("document", "certificates")}) 2>&1`)).toContain(
        "signed a certificate for consul",
      );
    });

    test("of three claims at once one wins; a holder who is gone is succeeded", async () => {
      const claims = servers.slice(1).map((host) => host.do(`${steps("document")}\nclaim 1; echo "$created"`));
      expect((await Promise.all(claims)).map((said) => said.trim()).sort()).toEqual(["no", "yes"]);
      const { instance } = JSON.parse(lan.object("vault-init/1") ?? "");
      const waiting = await server.run(`${steps("document")}\ntimeout=1; step=vault; (sleep 4; kill $$) & step_vault`);
      expect(waiting.stderr).toContain(`waiting for ${instance}, which initialises Vault`);
      await (servers[1] as Host).do(`${steps()}\n. ./turn.sh; take_turn vault`);
      for (const host of servers.slice(1)) {
        lan.terminate(host.instance);
        host.kill();
      }
      await server.do(`${steps()}\n. ./turn.sh; take_turn vault; [ "$before" = ${servers[1]?.address} ]`);
      const taken = await server.run(
        `${steps("document", "certificates")}\nbe_holder() { echo "holds $1"; exit; }\nstep=vault; step_vault`,
      );
      expect(taken.stderr).toContain(`${instance} was to initialise Vault and is gone: taking over`);
      expect(taken.stdout).toBe("holds 2\n");
    });

    test("Vault is not initialised while there is no room for its keys", async () => {
      await server.do("mount -t tmpfs -o size=16k full /var/lib/caravan");
      await failsWith(
        `${steps("document")}\nstep=vault; step_vault`,
        "no room for Vault's keys in /var/lib/caravan: Vault is not asked",
      );
      await server.do("umount /var/lib/caravan");
      expect(await server.do("curl -s --cacert /etc/caravan/ca.pem https://127.0.0.1:8200/v1/sys/init")).toContain(
        "false",
      );
    });

    test.each([
      [
        "after Vault's answer and before it is on the disk",
        'initialise() { head -c 32768 /dev/zero | tr "\\\\0" "\\\\n" >"$1"; curl -s --cacert "$ca" -X POST -d \'{"recovery_shares":1,"recovery_threshold":1}\' https://127.0.0.1:8200/v1/sys/init >/dev/null; kill -9 $$; }',
        /cluster document at hand/,
      ],
      [
        "before the recovery keys are stored",
        "write_secret() { kill -9 $$; }",
        /its keys were lost in a crash. It is empty: starting over\n.*initialised Vault/,
      ],
      [
        "in the middle of the hand-over",
        'eval "$(declare -f api | sed "1s/api/real_api/")"; api() { case $3 in sys/auth/node) kill -9 $$ ;; esac; real_api "$@"; }',
        /taking up where the last boot stopped\n.*stored the recovery keys/,
      ],
      [
        "after the root token is revoked and before all is stored",
        "write() { kill -9 $$; }",
        /stored the recovery keys\n.*handed over 3\d settings/,
      ],
    ])("a crash %s is taken up", async (_, crash, expected) => {
      const { stderr } = await server.run(`${steps("document")}\n${crash}\nstep=vault; step_vault`);
      expect(stderr).toMatch(expected);
      expect(lan.object("born/vault")).toBeUndefined();
      expect(JSON.parse(lan.object("vault-init/2") ?? "").state).toBe("begun");
    });

    test("and the next boot ends it", async () => {
      const said = await server.do(`${FIRST_BOOT} 2>&1`);
      expect(said).toMatch(
        /taking up where the last boot stopped\n[\s\S]*Vault is handed over, its root token revoked/,
      );
      expect(said).not.toContain("initialised Vault");
      expect(JSON.parse(lan.object("vault-init/2") ?? "").state).toBe("stored");
      expect(JSON.parse(lan.secret(SECRETS.recoveryKeys) ?? "").recovery_keys).toHaveLength(5);
      await server.do("! ls /var/lib/caravan/vault-init.json 2>/dev/null");
    });
  },
);
