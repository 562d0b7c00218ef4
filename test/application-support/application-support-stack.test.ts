import { describe, expect, test } from "vitest";
import { decodeHcl, existingInfrastructure } from "../../lib";
import type { ApplicationSupportStackProps } from "../../lib/application-support";
import { Cart, dashboardsOf } from "../../lib/carts";
import { AwsInfrastructureStack } from "../../lib/infrastructure/aws";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { environment, infrastructure, support } from "./support";

type Given = Partial<ApplicationSupportStackProps>;

const synth = (props: Given = {}) => Template.of(support(props));
interface Found {
  // biome-ignore lint/suspicious/noExplicitAny: a job in the words of Nomad's API
  readonly job: any;
  readonly address: string;
}

const jobsOf = (template: Template): Record<string, Found> =>
  Object.fromEntries(
    template.resources("nomad_job").map(({ address, arguments: { jobspec } }): [string, Found] => {
      const job = decodeHcl(String(jobspec)) as { ID: string };
      return [job.ID, { job, address }];
    }),
  );

/** What must be there before a resource, however many steps away. */
function before(template: Template, address: string, seen = new Set<string>()): Set<string> {
  const { depends_on = [] } = template.resource(address) as { depends_on?: readonly string[] };
  for (const one of depends_on) {
    if (seen.has(one)) continue;
    seen.add(one);
    before(template, one, seen);
  }
  return seen;
}

const database = { address: "db.example.com", port: 5432, allow: ["shop-api"] };

/** On AWS: a pool for the platform's own jobs, and one whose nodes mount volumes. */
function onAws(props: Given = {}): Template {
  const app = testApp();
  const aws = new AwsInfrastructureStack(app, "dev-infrastructure", {
    environment,
    region: "eu-central-1",
    accountId: "123456789012",
    images: { x86_64: "ami-0123456789abcdef0" },
    workers: { general: { min: 2, max: 6, csi: true }, fixed: { min: 1, max: 1 }, system: { min: 2, system: true } },
  });
  return Template.of(support({ infrastructure: aws.contract, ...props }, {}, app));
}

test("gateways begin once their entries and rights are there, and so end before them", () => {
  const template = synth({ externalServices: { "orders-db": database } });
  const jobs = jobsOf(template);
  const kindsBefore = (id: string) => {
    const addresses = [...before(template, jobs[id]?.address ?? "")];
    return addresses.map((address) => {
      const { kind, name, bind_name } = template.resource(address) as Record<string, string>;
      return [address.split(".")[0], kind ?? "", kind === undefined ? (bind_name ?? "") : name]
        .filter(Boolean)
        .join(" ");
    });
  };
  expect(kindsBefore("api-gateway")).toEqual(
    expect.arrayContaining([
      "consul_config_entry api-gateway api-gateway",
      "consul_config_entry file-system-certificate api-gateway",
      "consul_acl_binding_rule builtin/api-gateway",
      "vault_jwt_auth_backend_role",
      "nomad_namespace",
    ]),
  );
  expect(kindsBefore("terminating-gateway")).toEqual(
    expect.arrayContaining([
      "consul_config_entry terminating-gateway terminating-gateway",
      "consul_config_entry service-defaults orders-db",
      "consul_service",
      "nomad_namespace",
    ]),
  );
});

test("a gateway is Envoy as nobody on the node, and its token is in no file of the job", () => {
  const { job } = jobsOf(synth())["api-gateway"] ?? { job: {} };
  const [consul, gateway] = job.TaskGroups[0].Tasks;
  expect(job).toMatchObject({ Namespace: "caravan-gateways", Type: "system", NodePool: "all" });
  expect(consul.Config).toMatchObject({ image: "docker.io/hashicorp/consul:1.22.5", cap_drop: ["all"] });
  expect(gateway.User).toBe("101");
  expect(gateway.Config).toMatchObject({
    image: "docker.io/envoyproxy/envoy:v1.35.8",
    readonly_rootfs: true,
    cap_drop: ["all"],
    security_opt: ["no-new-privileges"],
  });
  expect(gateway.Config.args).toContain("-gateway=api");
  expect(gateway.Templates.map(({ Perms, DestPath }: Record<string, string>) => [DestPath, Perms])).toEqual([
    ["secrets/tls.pem", "0400"],
  ]);
});

test("a certificate that somebody keeps in Vault needs no authority and no right beyond the job's own", () => {
  const template = synth({ ingress: { certificate: { secret: "tls" } } });
  template.resourceCount("vault_mount", 0);
  template.resourceCount("vault_policy", 0);
  const gateway = jobsOf(template)["api-gateway"]?.job.TaskGroups[0].Tasks[1];
  expect(gateway.Vault.Role).toBe("nomad-workloads");
  expect(gateway.Templates[0].EmbeddedTmpl).toContain('secret "secret/data/caravan-gateways/api-gateway/tls"');
});

test("Grafana shows the dashboards of Carts that it is given", () => {
  const model = { title: "Requests", panels: [{ legend: "{{service}}" }] };
  const dashboards = dashboardsOf([new Cart("shop-web", { jobs: [], dashboards: { requests: model } })]);
  const signIn = { adminPassword: { secret: "admin" } };
  const template = synth({ observability: { prometheus: {}, grafana: { signIn, dashboards } } });
  const [task] = jobsOf(template)["grafana"]?.job.TaskGroups[0].Tasks ?? [];
  const file = task.Templates.find(({ DestPath }: { DestPath: string }) => DestPath.endsWith("shop-web-requests.json"));
  expect(JSON.parse(file.EmbeddedTmpl)).toEqual(model);
});

test("without a domain of applications there is no way in", () => {
  const { appsDomain: _, ...known } = infrastructure.static;
  const template = synth({ infrastructure: existingInfrastructure(known) });
  template.resourceCount("consul_config_entry", 0);
  expect(Object.keys(jobsOf(template))).toEqual([]);
});

describe("on AWS", () => {
  test("plugins run where groups say csi, privileged on nodes only, and volumes come once they are healthy", () => {
    const template = onAws({ storage: { kinds: ["block", "file"], volumes: { data: { capacityMin: "10GiB" } } } });
    const jobs = jobsOf(template);
    const storage = Object.entries(jobs).filter(([, { job }]) => job.Namespace === "caravan-storage");
    expect(storage.map(([id, { job }]) => [id, job.Type ?? "service", job.NodePool]).sort()).toEqual([
      ["aws-ebs-controller", "service", "system"],
      ["aws-ebs-node-general", "system", "general"],
      ["aws-efs-controller", "service", "system"],
      ["aws-efs-node-general", "system", "general"],
    ]);
    for (const [id, { job }] of storage) {
      const { Config, CSIPluginConfig } = job.TaskGroups[0].Tasks[0];
      expect([id, Config.privileged ?? false]).toEqual([id, id.includes("-node-")]);
      expect(CSIPluginConfig).toMatchObject({ Type: id.includes("-node-") ? "node" : "controller", MountDir: "/csi" });
    }
    const [volume] = template.hasResource("nomad_csi_volume", {
      name: "data",
      plugin_id: "aws-ebs",
      volume_id: "data",
    });
    const all = [...before(template, volume?.address ?? "")];
    expect(all).toContain(jobs["aws-ebs-controller"]?.address);
    expect(all).toContain(jobs["aws-ebs-node-general"]?.address);
    expect(all.some((address) => address.startsWith("data.nomad_plugin."))).toBe(true);
    expect(template.output("application_support_contract")).toMatchObject({
      value: { static: { csiPlugins: { block: "aws-ebs", file: "aws-efs" } } },
    });
  });

  test.each([
    [{ min: 2 }, {}, 2],
    [{ min: 1 }, {}, 1],
    [{ min: 1 }, { controllers: 3 }, 3],
  ])("a pool of %o with %o has %i of each controller, as Terraform waits for all of them", (system, given, count) => {
    const app = testApp();
    const aws = new AwsInfrastructureStack(app, "dev-infrastructure", {
      environment,
      region: "eu-central-1",
      accountId: "123456789012",
      images: { x86_64: "ami-0123456789abcdef0" },
      workers: { general: { min: 2, csi: true }, system: { ...system, max: 3, system: true } },
    });
    const template = Template.of(support({ infrastructure: aws.contract, storage: given }, {}, app));
    expect(jobsOf(template)["aws-ebs-controller"]?.job.TaskGroups[0].Count).toBe(count);
  });

  test("groups that may grow are scaled within their own bounds, by their machines of the infrastructure", () => {
    const template = onAws({ autoscaling: { workers: { general: { cpu: 60, min: 3 } } } });
    const text = JSON.stringify(
      template.hasResource("nomad_job", {}).find(({ address }) => address.includes("autoscaler")),
    );
    expect(text).toContain("infrastructure_worker_machine_groups");
    expect(text).toContain("workers_general");
    expect(text).toContain("aws_asg_name");
    const byDefault = JSON.stringify(onAws().resources("nomad_job"));
    expect(byDefault).toContain("workers_general");
    expect(byDefault).not.toContain("workers_fixed");
    expect(byDefault).not.toContain("workers_system");
  });
});

const wrong: readonly (readonly [string, Given, string, string])[] = [
  ["no platform", { platform: undefined }, "platform", "the contract of a platform"],
  ["an image without a tag", { images: { envoy: "envoyproxy/envoy" } }, "images.envoy", "a tag other than latest"],
  ["the latest image", { images: { consul: "hashicorp/consul:latest" } }, "images.consul", "a tag other than latest"],
  ["a pool with a slash", { nodePool: "a/b" }, "nodePool", "the name of a node pool"],
  [
    "an agent without a port",
    { consulAgent: { address: "http://a", grpcAddress: "http://a:1" } },
    "consulAgent.address",
    "port",
  ],
  ["an old TLS", { ingress: { tlsMinVersion: "TLSv1_0" as never } }, "ingress.tlsMinVersion", "TLSv1_2"],
  [
    "a secret with a slash first",
    { ingress: { certificate: { secret: "/tls" } } },
    "ingress.certificate.secret",
    "without a slash",
  ],
  ["a gateway of no memory", { ingress: { resources: { cpu: 500, memory: 1 } } }, "ingress.resources.memory", "MiB"],
  [
    "a team's service outside",
    { externalServices: { "shop-db": database } },
    'externalServices["shop-db"]',
    'is of "shop"',
  ],
  [
    "the gateway's own name",
    { externalServices: { "api-gateway": database } },
    'externalServices["api-gateway"]',
    "nothing of the platform",
  ],
  ["a service with a capital", { externalServices: { Db: database } }, 'externalServices["Db"]', "lower-case"],
  [
    "an address with a scheme",
    { externalServices: { db: { ...database, address: "tcp://db" } } },
    'externalServices["db"].address',
    "a domain name",
  ],
  ["port 0", { externalServices: { db: { ...database, port: 0 } } }, 'externalServices["db"].port', "65535"],
  [
    "nobody said who may call",
    { externalServices: { db: { ...database, allow: undefined as never } } },
    'externalServices["db"].allow',
    "a list",
  ],
  [
    "a path of a connection",
    { externalServices: { db: { ...database, check: { type: "tcp", path: "/" } } } },
    'externalServices["db"].check.path',
    "a path with http",
  ],
  ["a cloud that is none", { storage: { cloud: "ovh" as never } }, "storage.cloud", '"aws", "azure", "gcp"'],
  ["no controllers", { storage: { controllers: 0 } }, "storage.controllers", "1 to 5"],
  ["a volume without a plugin", { storage: { volumes: { data: {} } } }, 'storage.volumes["data"].kind', "none does"],
  [
    "files where only disks are",
    { storage: { cloud: "gcp", nodePools: ["general"], volumes: { data: { kind: "file" } } } },
    'storage.volumes["data"].kind',
    "a kind whose plugin runs: block",
  ],
  ["a group that is none", { autoscaling: { workers: { ship: {} } } }, 'autoscaling.workers["ship"].name', "general"],
  [
    "machines that nobody knows",
    { autoscaling: { workers: { general: {} } } },
    'autoscaling.workers["general"].target',
    "nobody knows",
  ],
  [
    "fewer at most than at least",
    { autoscaling: { workers: { general: { min: 3, max: 2, target: { plugin: "aws-asg", autoScalingGroup: "g" } } } } },
    'autoscaling.workers["general"].min',
    "at most max, which is 2",
  ],
  [
    "more than all of a node",
    {
      autoscaling: {
        workers: { general: { min: 1, max: 2, cpu: 120, target: { plugin: "aws-asg", autoScalingGroup: "g" } } },
      },
    },
    'autoscaling.workers["general"].cpu',
    "1 to 100 percent",
  ],
];

test.each(wrong)("refuses %s", (_, props, property, allowed) => {
  const failure = () => support(props);
  expect(failure).toThrow(property);
  expect(failure).toThrow(allowed);
});

test("tells all mistakes together", () => {
  expect(() =>
    support({ nodePool: "a/b", images: { envoy: "envoy" }, routes: [{ host: "pay", service: "x" }] }),
  ).toThrow("3 mistakes in its props");
});
