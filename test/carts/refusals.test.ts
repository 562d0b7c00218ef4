import { expect, test } from "vitest";
import { Cart, external } from "../../lib/carts";
import { InvalidPropsError } from "../../lib/core/errors";
import { type Job, tcpCheck } from "../../lib/nomad";
import { cart, type Given, health, platform, stackOf, web } from "./fixture";

type Row = readonly [title: string, carts: unknown, property: string, allowed: string, fix: string, given?: Given];

const one = (props: object, name = "web") => [cart(name, props)];
const task = (part: object): Job =>
  ({ id: "web", group: { web: { task: { web: { driver: "docker", config: { image: "web:1" }, ...part } } } } }) as Job;
const image = (name: string) => one({ jobs: task({ config: { image: name } }) });
const provided = (part: object) => one({ provides: { name: "web", port: 8080, health, ...part } });
const secret = (part: object) => one({ secrets: { path: "db", env: { PASSWORD: "password" }, ...part } });
const volume = (part: object) => one({ volumes: { name: "data", destination: "/data", ...part } });
const fixed = (name: string, pool?: string) =>
  cart(name, {
    jobs: { ...web(name), ...(pool === undefined ? {} : { nodePool: pool }) },
    provides: { name, port: 8080, health, mesh: false, staticPort: 8080 },
  });
const consumes = (service: unknown, part: object = {}) => one({ consumes: { service, localPort: 9001, ...part } });
const shop: Given = { team: "shop" };

const rows: readonly Row[] = [
  // Images, secrets, privilege, checks.
  ["an image without a tag", image("redis"), 'task "web": config.image', "a tag other than latest", "name the version"],
  [
    "an image of today",
    image("redis:latest"),
    'task "web": config.image',
    "a tag other than latest",
    "name the version",
  ],
  ["a registry's port is no tag", image("r.example.com:5000/redis"), "config.image", "a tag", "name the version"],
  [
    "a password in the environment",
    one({ jobs: task({ env: { DB_PASSWORD: "hunter2" } }) }),
    "env.DB_PASSWORD",
    "no secret",
    "Vault",
  ],
  [
    "an address with a password",
    one({ jobs: task({ env: { URL: "postgres://me:secret@db/shop" } }) }),
    "env.URL",
    "no secret",
    "Vault",
  ],
  [
    "a key in an argument",
    one({ jobs: task({ config: { image: "web:1", args: ["--key=AKIAIOSFODNN7EXAMPLE"] } }) }),
    "config.args[0]",
    "no secret",
    "Vault",
  ],
  [
    "a token in a template",
    one({ jobs: task({ template: { data: "api_token: abcdef", destination: "local/c" } }) }),
    "template[0].data",
    "no secret",
    "with secret",
  ],
  [
    "a privileged container",
    one({ jobs: task({ config: { image: "web:1", privileged: true } }) }),
    "config.privileged",
    "false",
    "state the reason",
  ],
  [
    "raw_exec",
    one({ jobs: task({ driver: "raw_exec", config: { command: "/bin/web" } }) }),
    "driver",
    "isolates",
    "state the reason",
  ],
  [
    "the node's network for a container",
    one({ jobs: task({ config: { image: "web:1", networkMode: "host" } }) }),
    "config.networkMode",
    "of the task's own",
    "state the reason",
  ],
  [
    "an exception without a reason",
    one({
      jobs: task({ driver: "raw_exec", config: { command: "/bin/web" } }),
      exceptions: { rule: "privilege", reason: " " },
    }),
    "exceptions.reason",
    "a sentence",
    "say why",
  ],
  [
    "an exception that nothing needs",
    one({ exceptions: { rule: "privilege", reason: "once it was" } }),
    "exceptions",
    "something needs",
    "remove it",
  ],
  [
    "an exception from no rule",
    one({ exceptions: { rule: "privileges", reason: "?" } }),
    "exceptions.rule",
    "privilege",
    "name the rule",
  ],
  ["a service without a check", provided({ health: undefined }), "provides.health", "1 or more checks", "httpCheck"],
  [
    "a check that asks the sidecar only",
    provided({ health: tcpCheck() }),
    "provides.health.type",
    "http, grpc or script",
    "ask the program",
  ],
  [
    "a hand-written service without a check",
    one({ provides: [], jobs: web("web", { network: { port: { a: {} } }, service: { name: "old", port: "a" } }) }),
    "service[0]",
    "1 or more checks",
    "add one",
  ],
  [
    "a hand-written service of the mesh without a check",
    one({
      provides: [],
      jobs: web("web", {
        network: { mode: "bridge" },
        service: { name: "old", port: "80", connect: { sidecarService: {} } },
      }),
    }),
    "service[0].check",
    "1 or more checks",
    "say how",
  ],
  // Between Carts.
  ["two Carts on one static port", [fixed("a"), fixed("b")], "carts.b.jobs", "a (a/web) does", "let Nomad choose"],
  [
    "two Carts on one static port, one in any pool",
    [fixed("a", "gpu"), fixed("b", "all")],
    "network.port.b.static",
    "a (a/web) does",
    "pools",
  ],
  ["an upstream that nobody provides", consumes("api"), "carts.web.consumes.service", "web", 'external("api")'],
  [
    "a slip in an upstream's name",
    [cart("shop-api"), cart("web", { consumes: { service: "shop-apl", localPort: 1 } })],
    "consumes.service",
    "shop-api",
    'write "shop-api"',
  ],
  [
    "external, although it is here",
    [cart("api"), cart("web", { consumes: { service: external("api"), localPort: 1 } })],
    "consumes.service",
    "no Cart of this stack",
    "without external()",
  ],
  [
    "an upstream outside of the mesh",
    [
      cart("db", { provides: { name: "db", port: 1, health, mesh: false } }),
      cart("web", { consumes: { service: "db", localPort: 1 } }),
    ],
    "consumes.service",
    "in the mesh",
    "db.service.consul",
  ],
  [
    "an upstream that listens on nothing",
    [cart("job", { provides: { name: "job" } }), cart("web", { consumes: { service: "job", localPort: 1 } })],
    "consumes.service",
    "listens",
    "give it one",
  ],
  [
    "rules of HTTP for what speaks tcp",
    [
      cart("db", { provides: { name: "db", port: 1, health, protocol: "tcp" } }),
      cart("web", { consumes: { service: "db", localPort: 1, http: [{ pathPrefix: "/" }] } }),
    ],
    "consumes.http",
    "speak HTTP",
    "remove it",
  ],
  [
    "a ring",
    [cart("a", { consumes: { service: "b", localPort: 1 } }), cart("b", { consumes: { service: "a", localPort: 1 } })],
    "carts.a.consumes",
    "after what it needs",
    "startsWithout",
  ],
  [
    "a ring by after",
    [cart("a", { after: "b" }), cart("b", { consumes: { service: "a", localPort: 1 } })],
    "carts.a.consumes",
    "after what it needs",
    "startsWithout",
  ],
  ["after itself", one({ after: "web" }), "carts.web.after", "another Cart", "name one"],
  ["after nobody", [cart("a"), cart("b", { after: ["c"] })], "carts.b.after[0]", "a", "name one"],
  [
    "two Carts of one name",
    [cart("a"), cart("a", { jobs: web("b"), provides: [] })],
    "carts.a",
    "no other Cart",
    "rename",
  ],
  [
    "two jobs of one id",
    [cart("a"), cart("b", { jobs: web("a"), provides: [] })],
    "carts.b.jobs",
    "one of a's",
    "rename the job",
  ],
  [
    "two Carts of one service",
    [cart("a"), cart("b", { provides: { name: "a", port: 1, health } })],
    "carts.b.provides.name",
    "a does",
    "rename",
  ],
  [
    "a service twice",
    one({
      provides: [
        { name: "web", port: 1, health },
        { name: "web", port: 2, health },
      ],
    }),
    "provides[1].name",
    "each service once",
    "remove one",
  ],
  [
    "two volumes of one name",
    [
      cart("a", { volumes: { name: "d", destination: "/d" } }),
      cart("b", { volumes: { name: "d", destination: "/d" } }),
    ],
    "carts.b.volumes",
    "a's has",
    "existing: true",
  ],
  // A Cart by itself.
  ["no job", one({ jobs: [], provides: [] }), "carts.web.jobs", "1 or more jobs", "what runs"],
  ["a name with a capital", [new Cart("Web", { jobs: web("web") })], "carts.Web.name", "lower-case", "shop-web"],
  ["a service's name with an underscore", provided({ name: "my_web" }), "provides.name", "RFC 1123", "shop-web"],
  ["the name of an entrance", provided({ name: "host-shop" }), "provides.name", "host-", "shop-web"],
  ["a port of 70000", provided({ port: 70_000 }), "provides.port", "1 to 65535", "between"],
  ["a protocol of another kind", provided({ protocol: "udp" }), "provides.protocol", '"grpc"', "one of them"],
  [
    "a static port in the mesh",
    provided({ staticPort: 80 }),
    "provides.staticPort",
    "outside of the mesh",
    "mesh: false",
  ],
  [
    "the node's network in the mesh",
    provided({ network: "host" }),
    "provides.network",
    "outside of the mesh",
    "mesh: false",
  ],
  [
    "callers allowed outside of the mesh",
    provided({ mesh: false, allows: ["a"] }),
    "provides.allows",
    "asks who calls",
    "into the mesh",
  ],
  [
    "figures without a port",
    one({ provides: { name: "web", metrics: {} } }),
    "provides.metrics.port",
    "1 to 65535",
    "where they are",
  ],
  ["figures at no path", provided({ metrics: { path: "metrics" } }), "provides.metrics.path", '"/"', "/api"],
  ["a group that there is not", provided({ group: "api" }), "provides.group", "web", "name a group"],
  ["two jobs and none named", one({ jobs: [web("web"), web("api")] }), "provides.job", "web, api", "more than one"],
  ["a task that there is not", secret({ task: "sidecar" }), "secrets.task", "web", "name a task"],
  [
    "a caller that is nobody",
    one({ provides: [], consumes: { service: external("api"), localPort: 1 } }),
    "carts.web.consumes",
    "somebody in the mesh",
    '{ name: "web" }',
  ],
  [
    "two upstreams at one port",
    one({
      consumes: [
        { service: external("a"), localPort: 1 },
        { service: external("b"), localPort: 1 },
      ],
    }),
    "carts.web.consumes",
    "that of a",
    "another localPort",
  ],
  [
    "an upstream at the service's own port",
    consumes(external("a"), { localPort: 8080 }),
    "carts.web.consumes",
    "service web",
    "another localPort",
  ],
  ["an upstream at port 0", consumes(external("a"), { localPort: 0 }), "consumes.localPort", "1 to 65535", "between"],
  [
    "an upstream in the job",
    one({
      provides: [],
      jobs: web("web", {
        network: { mode: "bridge" },
        service: {
          name: "w",
          port: "1",
          check: { ...health, expose: true },
          connect: { sidecarService: { proxy: { upstreams: { destinationName: "api", localBindPort: 2 } } } },
        },
      }),
    }),
    "upstreams[0]",
    "no upstream",
    "say it in consumes",
  ],
  [
    "another namespace in the job",
    one({ jobs: { ...web("web"), namespace: "pay" } }),
    'job "web": namespace',
    '"default"',
    "leave it out",
  ],
  ["a secret's path with a slash first", secret({ path: "/db" }), "secrets.path", "inner slashes", "database"],
  ["a secret for nothing", secret({ env: {} }), "carts.web.secrets", "env or files", "what the task gets"],
  [
    "a variable with a hyphen",
    secret({ env: { "DB-PASSWORD": "password" } }),
    "secrets.env.DB-PASSWORD",
    "environment variable",
    "DB_PASSWORD",
  ],
  [
    "another mount without a role",
    secret({ mount: "database" }),
    "secrets.role",
    "the Platform grants",
    "workloadRoles",
  ],
  ["an engine without a mount", secret({ engine: "kv" }), "secrets.engine", "it with mount", "name the mount"],
  ["a CSI volume without its plugin", volume({ type: "csi" }), "volumes.plugin", "a CSI plugin", "aws-ebs"],
  ["a volume at a relative path", volume({ destination: "data" }), "volumes.destination", '"/"', "/data"],
  ["a volume of gigabytes", volume({ size: "10GB" }), "volumes.size", "GiB", "a unit"],
  [
    "one writer and two allocations",
    one({ jobs: web("web", { count: 2 }), volumes: { name: "data", destination: "/data" } }),
    "carts.web.volumes",
    "one writer",
    "perAlloc",
  ],
  ["a timeout without a unit", one({ timeout: "600" }), "carts.web.timeout", "a time such as", "a unit"],
  ["a job that Nomad refuses", one({ jobs: { ...web("web"), priority: 101 } }), 'job "web": priority', "100", "choose"],
  // Hosts and teams.
  [
    "a host without a gateway",
    one({ exposes: { host: "shop", service: "web" } }),
    "carts.web.exposes",
    "with a gateway",
    "application support",
  ],
  ["another team's service", [cart("pay-web")], "carts.pay-web.provides.name", "shop, shop-*", "rename it", shop],
  [
    "a host volume of another's name",
    [cart("shop-web", { volumes: { name: "data", destination: "/data" } })],
    "carts.shop-web.volumes.name",
    "shop, shop-*",
    "rename it",
    shop,
  ],
  ["a team that there is not", [cart("web")], "team", "shop, pay", "name one", { team: "shoop" }],
  ["a namespace that there is not", [cart("web")], "namespace", "default, shop, pay", "name one", { namespace: "x" }],
  [
    "another team's namespace",
    [cart("shop")],
    "namespace",
    "the team's",
    "leave it out",
    { ...shop, namespace: "pay" },
  ],
  [
    "a service without Consul",
    [cart("web")],
    "carts.web",
    "with Consul",
    "Nomad's own catalog",
    { platform: platform({ products: ["vault", "nomad"] }) },
  ],
  [
    "Carts without Nomad",
    [cart("web")],
    "platform",
    "with Nomad",
    "contract",
    { platform: platform({ products: ["vault"] }) },
  ],
];

test.each(rows)("refuses %s", (_, carts, property, allowed, fix, given = {}) => {
  const problems = problemsOf(carts, given as Given);
  const found = problems.filter((problem) => problem.property.includes(String(property)));
  expect(found, JSON.stringify(problems, null, 1)).not.toEqual([]);
  expect(found.map((problem) => problem.allowed).join("\n")).toContain(allowed);
  expect(found.map((problem) => problem.fix).join("\n")).toContain(fix);
  // One mistake is told once, or once for each of the two that clash.
  expect(problems.length, JSON.stringify(problems, null, 1)).toBeLessThan(3);
});

test("there are at least 30 wrong Carts", () => {
  expect(rows.length).toBeGreaterThanOrEqual(30);
});

test("all mistakes are told together, with the path, what was given, what is allowed and how to mend it", () => {
  const carts = [
    cart("a", { provides: { name: "a", port: 0, health } }),
    cart("b", { consumes: { service: "c", localPort: 1 } }),
  ];
  expect(() => stackOf(carts)).toThrow(
    [
      'CartsStack at "dev-carts": 2 mistakes in its props',
      "  carts.a.provides.port: given 0",
      "    allowed: a whole number from 1 to 65535",
      "    fix:     choose a value between 1 and 65535",
      '  carts.b.consumes.service: given "c"',
      "    allowed: a, b",
      '    fix:     write "a", provide it, or write external("c") where another stack does',
    ].join("\n"),
  );
});

test.each<[string, unknown]>([
  ["a port twice in different pools", [fixed("a", "gpu"), fixed("b", "cpu")]],
  [
    "raw_exec with a reason",
    one({
      jobs: task({ driver: "raw_exec", config: { command: "/bin/web" } }),
      exceptions: { rule: "privilege", reason: "reads the node's own files" },
    }),
  ],
  ["a digest instead of a tag", image(`web@sha256:${"0".repeat(64)}`)],
  [
    "a ring of which one starts without the other",
    [
      cart("a", { consumes: { service: "b", localPort: 1 } }),
      cart("b", { consumes: { service: "a", localPort: 1, startsWithout: true } }),
    ],
  ],
  [
    "two writers with a volume each",
    one({ jobs: web("web", { count: 2 }), volumes: { name: "data", destination: "/data", perAlloc: true } }),
  ],
  [
    "a caller that listens on nothing",
    one({ provides: { name: "web" }, consumes: { service: external("api"), localPort: 1 } }),
  ],
])("takes %s", (_, carts) => {
  expect(problemsOf(carts, {})).toEqual([]);
});

function problemsOf(carts: unknown, given: Given): InvalidPropsError["problems"] {
  try {
    stackOf(carts as readonly Cart[], given);
    return [];
  } catch (error) {
    if (error instanceof InvalidPropsError) return error.problems;
    throw error;
  }
}
