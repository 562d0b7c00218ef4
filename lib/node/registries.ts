import type { CloudName } from "./cloud/clouds";
import { configurationFile } from "./configuration/block";
import type { NodeProps, WorkerNodeProps } from "./node-props";

/** For Nomad's docker plugin. */
export const registriesPath = "/etc/caravan/registries.json";

interface RegistryHelper {
  /** Docker calls the program `docker-credential-<name>`. */
  readonly name: string;
  /** The package of Debian and Ubuntu that has it. Without one the image must have the program. */
  readonly debianPackage?: string;
}

/**
 * The programs by which a node signs in to registries with its own identity.
 *
 * https://github.com/awslabs/amazon-ecr-credential-helper
 * https://github.com/chrismellard/docker-credential-acr-env
 * https://github.com/GoogleCloudPlatform/docker-credential-gcr
 */
export const registryHelpers: Readonly<Record<CloudName, RegistryHelper>> = {
  aws: { name: "ecr-login", debianPackage: "amazon-ecr-credential-helper" },
  azure: { name: "acr-env" },
  gcp: { name: "gcr" },
};

/** What a node signs in to registries with, or nothing where it does not. */
export function registryHelper(props: NodeProps): RegistryHelper | undefined {
  if (props.role !== "worker" || (props.registries ?? []).length === 0) return undefined;
  return registryHelpers[props.cloud.name];
}

/**
 * Which program signs in to which registry, as Docker's own configuration says it. Nomad's `auth.helper` would be asked for
 * every image, and fail for each of another registry: https://github.com/hashicorp/nomad/issues/4832
 */
export function registriesFile({ registries = [], cloud }: WorkerNodeProps): string {
  const { name } = registryHelpers[cloud.name];
  return configurationFile({ credHelpers: Object.fromEntries(registries.map((registry) => [registry, name])) });
}
