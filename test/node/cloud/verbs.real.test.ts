import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { environmentFile, files, type NodeCloud, type ServerNodeProps } from "../../../lib/node";
import { factsFile } from "../../../lib/node/facts";
import { staticScript } from "../../../lib/node/static-script";
import { type Scope, suiteScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { azure, gcp, server } from "../examples";
import { Hosts } from "../hosts";

const ADDRESS = "10.9.0.10";
const STORE = "10.9.0.11";
const support = join(__dirname, "../support");
const scripts = (cloud: string) => ["common.sh", "disk.sh", `${cloud}.sh`, `${cloud}-store.sh`, `${cloud}-volume.sh`];
const root = process.getuid?.() === 0 || undefined;

/*
 * Azurite judges for whom and until when a token is, not who signed it, and knows nothing of immutability policies; fake-gcs-server
 * judges no token, and locks nothing. Both refuse to create what is there, which is what first boot stands on.
 */

/** A machine of a cloud, whose names lead to imitations on the machine itself. */
class Machine {
  private constructor(
    private readonly hosts: Hosts,
    private readonly cloud: NodeCloud["name"],
  ) {}

  static async start(
    scope: Scope,
    props: ServerNodeProps,
    environment: string,
    names: { readonly ours: readonly string[]; readonly store: readonly string[] },
  ): Promise<Machine> {
    const { name } = props.cloud;
    const hosts = await Hosts.start(scope, { node: ADDRESS });
    const machine = new Machine(hosts, name);
    const imitations = ["jwt.mjs", `${name}.mjs`, `${name}-metadata.mjs`, ...(name === "gcp" ? ["gcp-kms.mjs"] : [])];
    hosts.write("node", [
      { path: files.facts.path, mode: "0644", content: factsFile(props) },
      { path: files.environment.path, mode: "0644", content: environment },
      // The machine has a /tmp of its own, in which a clone of this repository may stand.
      ...imitations.map((program) => ({
        path: `/srv/imitation/${program}`,
        mode: "0644",
        content: readFileSync(join(support, program), "utf8"),
      })),
      ...scripts(name).map((script) => ({
        path: `/usr/local/lib/caravan/${script}`,
        mode: "0644",
        content: staticScript(`first-boot/${script}`),
      })),
    ]);
    await hosts.shell(
      "node",
      `ip addr add ${STORE}/24 dev eth0; ip addr add 169.254.169.254/32 dev lo; mkdir -p /srv/imitation; cd /srv/imitation
       openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -keyout key -out cert \
         -addext subjectAltName=${[...names.ours, ...names.store].map((one) => `DNS:${one}`).join(",")} 2>/dev/null
       openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=signer -keyout signer.key -out signer.pem 2>/dev/null
       cat cert >> /etc/ssl/certs/ca-certificates.crt; cp key cert /tmp/
       echo '${names.ours.map((one) => `${ADDRESS} ${one}`).join("\n")}
${names.store.map((one) => `${STORE} ${one}`).join("\n")}' >> /etc/hosts; echo '{}' >world; touch log`,
    );
    const at = (...files: string[]) => files.map((file) => `/srv/imitation/${file}`);
    const told = name === "azure" ? at("log") : [];
    const [cloud = "", metadata = ""] = at(`${name}.mjs`, `${name}-metadata.mjs`);
    machine.program([
      ...[process.execPath, cloud, ...at("world", "log"), ADDRESS],
      ...["/tmp/cert", "/tmp/key", ...at("signer.pem")],
    ]);
    machine.program([process.execPath, metadata, ...at("world"), "169.254.169.254", ...told, ...at("signer.key")]);
    return machine;
  }

  program(command: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    this.hosts.start("node", command, env);
  }

  async answers(url: string): Promise<void> {
    await this.hosts.shell(
      "node",
      `for i in $(seq 300); do curl -sk -o /dev/null ${url} && exit; sleep 0.2; done; exit 1`,
    );
  }

  /** What the cloud would say. */
  world(world: object): void {
    this.hosts.write("node", [{ path: "/srv/imitation/world", mode: "0644", content: JSON.stringify(world) }]);
  }

  /** Runs verbs as first boot does. */
  verbs(script: string): Promise<string> {
    return this.hosts.shell("node", this.begin(script));
  }

  async fails(script: string): Promise<string> {
    const { code, stderr } = await this.hosts.run("node", ["bash", "-c", this.begin(script)]);
    expect(code).toBe(1);
    return stderr;
  }

  async log(): Promise<unknown[]> {
    const text = await this.hosts.shell("node", "cat /srv/imitation/log; : > /srv/imitation/log");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }

  private begin(script: string): string {
    return `cd /usr/local/lib/caravan; . ./common.sh; . ./${this.cloud}.sh; . ./disk.sh; . ./${this.cloud}-volume.sh; who_am_i; ${script}`;
  }
}

const values = {
  deployerRoles: ["deployer"],
  plannerRoles: ["planner"],
  nodeRoles: { "server-main": "main" },
};

/** What every cloud's store has to do. */
function storeTests(machine: () => Machine): void {
  test("an object is created by one only, and read, listed and deleted", async () => {
    const said = await machine().verbs(`
      echo first >"$tmp/one"; echo second >"$tmp/two"
      create vault-init/1 "$tmp/one"; echo "created $created"
      create vault-init/1 "$tmp/two"; echo "created $created"
      fetch vault-init/1 "$tmp/read"; cat "$tmp/read"
      write vault-init/1 "$tmp/two"; fetch vault-init/1 "$tmp/read"; cat "$tmp/read"
      fetch vault-init/2 "$tmp/read" || echo "none"
      for n in 1 2 3; do write "snapshots/consul/$n.snap" "$tmp/one"; done
      list snapshots/; delete snapshots/consul/2.snap; echo; list snapshots/; list nothing/
      keep snapshots/nomad/1.snap "$tmp/one" 14; list snapshots/nomad/`);
    expect(said.split("\n")).toEqual([
      ...["created yes", "created no", "first", "second", "none"],
      ...["snapshots/consul/1.snap", "snapshots/consul/2.snap", "snapshots/consul/3.snap", ""],
      ...["snapshots/consul/1.snap", "snapshots/consul/3.snap", "snapshots/nomad/1.snap", ""],
    ]);
  });

  test("a change of what somebody else has changed meanwhile is refused", async () => {
    const said = await machine().verbs(`
      for text in first second third; do echo $text >"$tmp/$text"; done
      write document "$tmp/first"
      fetch document "$tmp/read"; replace document "$tmp/second"; echo "$status"
      fetch document "$tmp/read"; cp "$tmp/headers" "$tmp/then"; cat "$tmp/read"
      write document "$tmp/third"
      cp "$tmp/then" "$tmp/headers"; replace document "$tmp/second"; echo "$status"
      fetch document "$tmp/read"; cat "$tmp/read"; list document`);
    expect(said).toMatch(/^20[01]\nsecond\n412\nthird\ndocument\n$/);
  });

  test("of ten that create an object at once, one does", async () => {
    const said = await machine().verbs(`
      for n in $(seq 10); do (echo "$n" >"$tmp/by$n"; tmp=$(mktemp -d); create "race" /run/caravan/*/by$n; echo "$created") & done; wait`);
    expect(said.match(/yes/g)).toHaveLength(1);
    expect(said.match(/no/g)).toHaveLength(9);
  });

  test("a secret has no value, then one, and the same again is no new version", async () => {
    const said = await machine().verbs(`
      read_secret "$CARAVAN_SECRET_PUBLIC_CA" "$tmp/read" || echo none
      printf 'line 1\nline "2" \\ $HOME' >"$tmp/ca"
      write_secret "$CARAVAN_SECRET_PUBLIC_CA" "$tmp/ca"; write_secret "$CARAVAN_SECRET_PUBLIC_CA" "$tmp/ca"
      read_secret "$CARAVAN_SECRET_PUBLIC_CA" "$tmp/read"; cmp "$tmp/ca" "$tmp/read" && echo same
      grep -oE '"versions":1|versions/1"' "$tmp/answer"`);
    expect(said).toMatch(/^none\nsame\n("versions":1|versions\/1")\n$/);
  });

  test("no credential is an argument of a process or stays outside memory", async () => {
    const said = await machine().verbs(
      `find /run/caravan -maxdepth 1 -type f -printf '%m %u\\n'; findmnt -no FSTYPE -T /run/caravan`,
    );
    expect(
      said
        .trim()
        .split("\n")
        .every((line) => line === "600 root" || line === "tmpfs"),
    ).toBe(true);
  });
}

const azurite = findTool("azurite-blob");
describeWith("Azure's verbs", { root, azurite }, (found) => {
  const scope = suiteScope();
  let machine: Machine;
  const instance = {
    compute: {
      vmId: "b1a5",
      name: "caravan-prod-server-main_1",
      resourceId:
        "/subscriptions/s/resourceGroups/caravan-prod/providers/Microsoft.Compute/virtualMachineScaleSets/x/virtualMachines/1",
    },
    network: { interface: [{ ipv4: { ipAddress: [{ privateIpAddress: "10.1.0.4" }] } }] },
  };
  const at = (privateIPAddress: string) => ({
    properties: { ipConfigurations: [{ properties: { privateIPAddress } }] },
  });
  const world = {
    instance,
    tenant: azure.tenantId,
    principal: "main",
    // So that the reader of a list has to turn the page.
    pageSize: 1,
    scaleSets: {
      "caravan-prod-server-main": {
        networkInterfaces: [at("10.1.0.6"), at("10.1.0.4"), at("10.1.0.5")],
        virtualMachines: ["b1a5", "c2b6"].map((vmId) => ({ properties: { vmId } })),
      },
    },
  };

  beforeAll(async () => {
    const bucket = "https://caravanprod.blob.core.windows.net/cluster";
    const environment = environmentFile({
      ...values,
      bucket,
      ...{ sealKeyVault: "kv", sealKeyName: "seal", keyringKeyVault: "kv", keyringKeyName: "keyring" },
      publicCaSecret: "https://kv.vault.azure.net/secrets/public-ca",
      bootstrapTokensSecret: "https://kv.vault.azure.net/secrets/bootstrap",
      recoveryKeysSecret: "https://kv.vault.azure.net/secrets/recovery",
      logGroup: "https://dce.ingest.monitor.azure.com/dataCollectionRules/dcr-1/streams/Custom-Caravan",
      dataVolume: "/subscriptions/s/disks/data",
    });
    machine = await Machine.start(scope, { ...server, cloud: azure, dataDevice: "10" }, environment, {
      ours: ["management.azure.com", "kv.vault.azure.net", "dce.ingest.monitor.azure.com"],
      store: ["caravanprod.blob.core.windows.net"],
    });
    machine.world(world);
    machine.program(
      [
        ...[
          found.azurite,
          "--silent",
          "--inMemoryPersistence",
          "--disableTelemetry",
          "--skipApiVersionCheck",
          "--loose",
        ],
        ...["--blobHost", STORE, "--blobPort", "443", "--oauth", "basic", "--cert", "/tmp/cert", "--key", "/tmp/key"],
      ],
      { AZURITE_ACCOUNTS: `caravanprod:${Buffer.from("a key that nobody uses").toString("base64")}` },
    );
    await machine.answers("https://caravanprod.blob.core.windows.net/");
    await machine.answers("https://management.azure.com/");
    await machine.verbs(`blob PUT '?restype=container' -d ''; ok || { why; false; }`);
  });

  storeTests(() => machine);

  test("the machine knows who it is, and its peers on however many pages", async () => {
    expect(await machine.verbs(`echo "$me $address"; peers consul`)).toBe(
      "b1a5 10.1.0.4\n10.1.0.4\n10.1.0.5\n10.1.0.6\n",
    );
  });

  test("a machine is gone only if every scale set of servers answered without it", async () => {
    const gone = "for m in b1a5 c2b6 d3c7; do if gone $m; then echo gone; else echo there; fi; done";
    expect(await machine.verbs(gone)).toBe("there\nthere\ngone\n");
    machine.world({ ...world, scaleSets: {} });
    expect(await machine.verbs(gone)).toBe("there\nthere\nthere\n");
    machine.world(world);
  });

  test("notices of its own end are seen, and approved when it has left", async () => {
    const event = (EventType: string, EventId: string, name: string) => ({ EventType, EventId, Resources: [name] });
    const events = [
      event("Terminate", "e1", "caravan-prod-server-main_0"),
      event("Reboot", "e2", instance.compute.name),
      event("Terminate", "e3", instance.compute.name),
    ];
    machine.world({ ...world, events });
    expect(await machine.verbs("notice; lifecycle_done")).toBe("lifecycle\n");
    expect(await machine.log()).toEqual([{ StartRequests: [{ EventId: "e2" }, { EventId: "e3" }] }]);
    machine.world({ ...world, events: [event("Preempt", "e4", instance.compute.name)] });
    expect(await machine.verbs("notice")).toBe("spot\n");
    machine.world(world);
    expect(await machine.verbs("notice")).toBe("");
  });

  test("what is said goes to the log, in order", async () => {
    await machine.verbs(`
      echo '[{"timestamp": 1700000000007, "message": "one"}, {"timestamp": 1700000000123, "message": "two"}]' >"$tmp/events"
      tell main/b1a5 "$tmp/events"`);
    expect(await machine.log()).toEqual([
      [
        { TimeGenerated: "2023-11-14T22:13:20.007Z", Node: "main/b1a5", Message: "one" },
        { TimeGenerated: "2023-11-14T22:13:20.123Z", Node: "main/b1a5", Message: "two" },
      ],
    ]);
  });

  test("the disk of a lone server is attached at its number", async () => {
    await machine.fails(`wait_for() { fail "no disk shows"; }; data_device`);
    expect(await machine.log()).toEqual([
      {
        path: `${instance.compute.resourceId}/attachDetachDataDisks`,
        body: { dataDisksToAttach: [{ diskId: "/subscriptions/s/disks/data", lun: 10 }] },
      },
    ]);
  });

  test("without an identity it says what is missing", async () => {
    machine.world({ ...world, identity: false });
    expect(await machine.fails(`rm -f /run/caravan/token-*; fetch document "$tmp/d"`)).toContain(
      "the metadata service gives no token for https://storage.azure.com: has the machine its managed identity?",
    );
    machine.world(world);
  });
});

const fakeGcs = findTool("fake-gcs-server");
describeWith("Google Cloud's verbs", { root, "fake-gcs-server": fakeGcs }, (found) => {
  const scope = suiteScope();
  let machine: Machine;
  const one = (id: string, networkIP: string, status = "RUNNING") => ({
    id,
    status,
    labels: { "caravan-consul": "prod" },
    networkInterfaces: [{ networkIP }],
  });
  const group = "zones/europe-west1-b/instanceGroupManagers/caravan-prod-server-main";
  const world = {
    instance: {
      id: "7000000000000000007",
      name: "caravan-prod-server-main-x1",
      zone: "projects/1/zones/europe-west1-b",
      networkInterfaces: [{ ip: "10.1.0.4" }],
    },
    account: { email: "main", uniqueId: "1" },
    accounts: [{ email: "main", uniqueId: "1" }],
    attributes: { "created-by": `projects/1/${group}` },
    instances: [
      one("7000000000000000007", "10.1.0.4"),
      one("8", "10.1.0.5", "STAGING"),
      one("9", "10.1.0.6", "TERMINATED"),
    ],
    managed: [{ currentAction: "NONE" }],
  };

  beforeAll(async () => {
    const environment = environmentFile({
      ...values,
      bucket: "caravan-prod-cluster",
      ...{ sealKeyRing: "ring", sealCryptoKey: "seal", keyringKeyRing: "ring", keyringCryptoKey: "keyring" },
      publicCaSecret: "projects/acme-caravan-prod/secrets/public-ca",
      bootstrapTokensSecret: "projects/acme-caravan-prod/secrets/bootstrap",
      recoveryKeysSecret: "projects/acme-caravan-prod/secrets/recovery",
      logGroup: "projects/acme-caravan-prod/logs/caravan",
    });
    machine = await Machine.start(scope, { ...server, cloud: gcp, dataDevice: "caravan-data" }, environment, {
      ours: ["compute.googleapis.com", "secretmanager.googleapis.com", "logging.googleapis.com"],
      store: ["storage.googleapis.com"],
    });
    machine.world(world);
    machine.program([
      ...[found["fake-gcs-server"], "-backend", "memory", "-scheme", "https", "-host", STORE, "-port", "443"],
      ...["-cert-location", "/tmp/cert", "-private-key-location", "/tmp/key", "-log-level", "error"],
    ]);
    await machine.answers("https://storage.googleapis.com/");
    await machine.answers("https://compute.googleapis.com/");
    await machine.verbs(`storage -H 'Content-Type: application/json' -d '{"name": "caravan-prod-cluster"}' \
      'https://storage.googleapis.com/storage/v1/b?project=p'; ok || { why; false; }`);
  });

  storeTests(() => machine);

  test("the instance knows who it is, and its peers that run or begin to, on however many pages", async () => {
    expect(await machine.verbs(`echo "$me $address"; peers consul`)).toBe(
      "7000000000000000007 10.1.0.4\n10.1.0.4\n10.1.0.5\n",
    );
    expect(await machine.verbs("peers nomad")).toBe("");
  });

  test("an instance is gone only if it is not listed and every zone answered; one that is stopped comes back", async () => {
    const gone = 'for m in "$me" 9 10; do if gone $m; then echo gone; else echo there; fi; done';
    expect(await machine.verbs(gone)).toBe("there\nthere\ngone\n");
    machine.world({ ...world, unreachable: ["zones/europe-west1-d"] });
    expect(await machine.verbs(gone)).toBe("there\nthere\nthere\n");
    machine.world(world);
  });

  test("a spot instance is told, and one that shuts down asks whether its group takes it away", async () => {
    const ends = "notice; if ends; then echo ends; else echo stays; fi";
    expect(await machine.verbs(ends)).toBe("stays\n");
    machine.world({ ...world, preempted: "TRUE", managed: [{ currentAction: "DELETING" }] });
    expect(await machine.verbs(ends)).toBe("spot\nends\n");
    machine.world({ ...world, attributes: {} });
    expect(await machine.verbs(ends)).toBe("stays\n");
    machine.world(world);
  });

  test("what is said goes to the log, in order", async () => {
    await machine.verbs(`
      echo '[{"timestamp": 1700000000007, "message": "one"}]' >"$tmp/events"; tell "main/$me" "$tmp/events"`);
    expect(await machine.log()).toEqual([
      {
        logName: "projects/acme-caravan-prod/logs/caravan",
        labels: { node: "main/7000000000000000007" },
        resource: {
          type: "gce_instance",
          labels: { project_id: "acme-caravan-prod", instance_id: "7000000000000000007", zone: "europe-west1-b" },
        },
        entries: [{ timestamp: "2023-11-14T22:13:20.007Z", textPayload: "one" }],
      },
    ]);
  });

  test("without a service account it says what is missing", async () => {
    machine.world({ ...world, account: undefined });
    expect(await machine.fails(`rm -f /run/caravan/credentials; fetch document "$tmp/d"`)).toContain(
      "the metadata service gives no token: has the instance its service account?",
    );
    machine.world(world);
  });
});
