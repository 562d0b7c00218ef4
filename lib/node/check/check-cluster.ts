import type { PropsCheck, Rule } from "../../core/errors";
import { integer, listOf, matching, oneOf, shortName } from "../../core/rules";
import { domainName, duration } from "../../core/values";
import { byCloud, type NodeCloud } from "../cloud/clouds";
import { type ClusterProps, clusterRuns, machineHost, type ServerGroup } from "../node-props";
import { type Product, products } from "../products";
import type { PackageRepository } from "../software/software-props";
import { defaultVersions, type Versions } from "../versions";
import { awsRegion, azureRegion, azureResourceGroup, gcpProject, gcpRegion, uuid } from "./cloud-rules";
import { certificates, fingerprint, hostAndPort, httpsUrl, label, proxyException, proxyUrl, registry } from "./rules";

/** The longest common name of a certificate: RFC 5280, ub-common-name. */
const COMMON_NAME = 64;

/** Checks what all nodes of an environment have in common. */
export function checkCluster(check: PropsCheck, props: ClusterProps): void {
  check.required("environment", props.environment, shortName(16, "prod"));
  checkCloud(check.under("cloud"), props.cloud ?? {});
  check.required("datacenter", props.datacenter, label);
  check.required("region", props.region, label);
  if (check.required("insideDomain", props.insideDomain, domainName)) {
    const longest = machineHost(props, "consul");
    if (longest.length > COMMON_NAME) {
      check.add({
        property: "insideDomain",
        given: props.insideDomain,
        allowed: `a domain with which ${longest} has at most ${COMMON_NAME} characters, as a certificate's common name`,
        fix: "use a shorter domain, such as caravan.internal",
      });
    }
  }
  checkServers(check, "servers", props);
  check.optional("discovery", props.discovery, oneOf(["cloud", "addresses"]));
  checkVersions(check, "versions", props.versions ?? {});
  checkSoftware(check, "software", props.software);
  if (props.proxy !== undefined) {
    check.required("proxy.url", props.proxy.url, proxyUrl);
    if (props.proxy.except !== undefined) check.each("proxy.except", props.proxy.except, proxyException);
  }
  check.optional("caBundle", props.caBundle, certificates);
  check.optional(
    "telemetry.prometheusRetention",
    props.telemetry?.prometheusRetention,
    duration({ min: "1m", max: "48h" }),
  );
  check.optional("snapshotsKept", props.snapshotsKept, integer(24, 8760, "snapshots"));
  check.optional("telemetry.statsd", props.telemetry?.statsd, hostAndPort);
}

function checkCloud(check: PropsCheck, cloud: Partial<NodeCloud>): void {
  if (!check.required("name", cloud.name, oneOf(["aws", "azure", "gcp"]))) return;
  byCloud<void>(cloud as NodeCloud, {
    aws: ({ region }) => {
      check.required("region", region, awsRegion);
    },
    azure: ({ region, tenantId, subscriptionId, resourceGroup }) => {
      check.required("region", region, azureRegion);
      check.required("tenantId", tenantId, uuid);
      check.required("subscriptionId", subscriptionId, uuid);
      check.required("resourceGroup", resourceGroup, azureResourceGroup);
    },
    gcp: ({ region, project }) => {
      check.required("region", region, gcpRegion);
      check.required("project", project, gcpProject);
    },
  });
}

function checkServers(check: PropsCheck, property: string, props: ClusterProps): void {
  const groups = Object.entries<Partial<ServerGroup>>(props.servers ?? {});
  const homes = new Map<Product, string>();
  for (const [name, { count, runs }] of groups) {
    check.required(`${property} (name of a group)`, name, shortName(16, "main"));
    check.required(`${property}.${name}.count`, count, oneOf([1, 3, 5]));
    if (!check.required(`${property}.${name}.runs`, runs, listOf(1, 3, "products"))) continue;
    check.each(`${property}.${name}.runs`, runs, oneOf(products));
    for (const product of runs) {
      const home = homes.get(product);
      if (home !== undefined) {
        check.add({
          property: `${property}.${name}.runs`,
          given: runs,
          allowed: `products that no other group runs: ${product} runs in "${home}"`,
          fix: `remove ${product} from one of the groups; a larger cluster of it is a larger count`,
        });
      }
      homes.set(product, name);
    }
  }
  if (
    !clusterRuns(
      { ...props, servers: Object.fromEntries(groups.map(([n, g]) => [n, { count: 1, runs: [], ...g }])) },
      "vault",
    )
  ) {
    check.add({
      property,
      given: props.servers,
      allowed: "groups of which one runs vault: it gives every node its certificates and secrets",
      fix: 'add "vault" to a group\'s runs, or a group of its own: { vault: { count: 3, runs: ["vault"] } }',
    });
  }
}

/** The oldest versions whose configuration this is. */
const oldest: Partial<Record<keyof Versions, readonly [number, number]>> = {
  vault: [1, 19],
  consul: [1, 22],
  nomad: [1, 11],
};

function checkVersions(check: PropsCheck, property: string, versions: Partial<Versions>): void {
  for (const [name, version] of Object.entries(versions)) {
    if (!(name in defaultVersions)) {
      check.add({
        property: `${property}.${name}`,
        given: version,
        allowed: `versions of ${Object.keys(defaultVersions).join(", ")}`,
        fix: "remove it",
      });
      continue;
    }
    if (!check.optional(`${property}.${name}`, version, wholeVersion)) continue;
    const least = oldest[name as keyof Versions];
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (least !== undefined && (major < least[0] || (major === least[0] && minor < least[1]))) {
      check.add({
        property: `${property}.${name}`,
        given: version,
        allowed: `${name} ${least.join(".")} or newer`,
        fix: `use the default, ${defaultVersions[name as keyof Versions]}`,
      });
    }
  }
}

const wholeVersion: Rule<string> = matching(
  /\d+\.\d+\.\d+/,
  'a whole version of three numbers, such as "1.19.5"',
  "pin it to the patch, without a v: nodes born on different days must not differ",
);

function checkSoftware(check: PropsCheck, property: string, software: ClusterProps["software"]): void {
  if (software === undefined) return;
  check.required(`${property}.from`, software.from, oneOf(["install", "baked"]));
  check.optional(`${property}.registry`, software.registry, registry);
  if (software.from !== "install") return;
  checkRepository(check, `${property}.hashicorp`, software.hashicorp);
  checkRepository(check, `${property}.docker`, software.docker);
}

function checkRepository(check: PropsCheck, property: string, repository: PackageRepository | undefined): void {
  if (repository === undefined) return;
  check.required(`${property}.url`, repository.url, httpsUrl);
  check.optional(`${property}.keyUrl`, repository.keyUrl, httpsUrl);
  check.optional(`${property}.fingerprint`, repository.fingerprint, fingerprint);
}
