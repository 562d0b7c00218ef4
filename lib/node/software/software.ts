import { type ClusterProps, type NodeProps, runsOf } from "../node-props";
import { registryHelper, registryHelpers } from "../registries";
import { versionsOf } from "../versions";
import type { PackageRepository } from "./software-props";

/**
 * The vendors' repositories. The fingerprints are published at https://www.hashicorp.com/trust/security and
 * https://docs.docker.com/engine/install/debian/.
 */
export const vendors = {
  hashicorp: {
    url: "https://apt.releases.hashicorp.com",
    keyUrl: "https://apt.releases.hashicorp.com/gpg",
    fingerprint: "798AEC654E5C15428C8E42EEAA16FCBCA621E701",
  },
  docker: {
    url: "https://download.docker.com/linux",
    keyUrl: "https://download.docker.com/linux/debian/gpg",
    fingerprint: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
  },
} as const satisfies Record<string, Required<PackageRepository>>;

/** What `install.sh` installs, or only looks for in a baked image: `NAME="value"` lines. */
export function softwareFile(props: NodeProps): string {
  const wanted = [
    ...(props.role === "server" && !runsOf(props).includes("vault") ? ["vault"] : []),
    ...(props.role === "worker" ? ["vault", "worker"] : []),
    ...runsOf(props),
  ];
  return softwareLines(props, wanted, registryHelper(props));
}

/** Everything, for an image on AWS that serves every kind of node. */
export function imageSoftwareFile(props: Pick<ClusterProps, "versions" | "software">): string {
  return softwareLines(props, ["vault", "consul", "nomad", "worker"], registryHelpers.aws);
}

function softwareLines(
  { versions, software }: Pick<ClusterProps, "versions" | "software">,
  wanted: string[],
  helper: ReturnType<typeof registryHelper>,
): string {
  const { vault, consul, nomad, consulCni, cniPlugins, docker } = versionsOf({ versions });
  const given = software?.from === "install" ? software : undefined;
  const repository = (name: keyof typeof vendors) => {
    const { url, keyUrl, fingerprint } = { ...vendors[name], ...withKey(given?.[name]) };
    const upper = name.toUpperCase();
    return { [`${upper}_URL`]: url, [`${upper}_KEY_URL`]: keyUrl, [`${upper}_FINGERPRINT`]: fingerprint.toUpperCase() };
  };
  const lines = {
    WANTED: [...new Set(wanted)].join(" "),
    VAULT_VERSION: vault,
    CONSUL_VERSION: consul,
    NOMAD_VERSION: nomad,
    CONSUL_CNI_VERSION: consulCni,
    CNI_PLUGINS_VERSION: cniPlugins,
    DOCKER_VERSION: docker,
    ...(helper === undefined ? {} : { REGISTRY_HELPER: `docker-credential-${helper.name}` }),
    ...(helper?.debianPackage === undefined ? {} : { REGISTRY_PACKAGE: helper.debianPackage }),
    ...repository("hashicorp"),
    ...repository("docker"),
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}

/** A mirror has its key beside it. */
function withKey(repository: PackageRepository | undefined): Partial<Record<keyof PackageRepository, string>> {
  if (repository === undefined) return {};
  const { url, keyUrl = `${url}/gpg`, fingerprint } = repository;
  return { url, keyUrl, ...(fingerprint === undefined ? {} : { fingerprint }) };
}
