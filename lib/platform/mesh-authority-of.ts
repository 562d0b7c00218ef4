import type { Construct } from "constructs";
import type { InfrastructureContract } from "../infrastructure/contract";
import { awsPartition } from "../node/cloud/aws-partition";
import { nodeRoleName } from "../node/node-props";
import { files } from "../node/paths";
import { type ConsulMeshAuthorityProps, type MeshAuthority, meshAuthMount, meshPolicy } from "./consul/mesh-authority";
import { nodeFacts } from "./handed-over";
import type { PlatformServers } from "./servers";

/**
 * The mesh's authority as it is on this infrastructure, where it is opted for. Servers of this library sign in
 * by their cloud identity, as they do for their certificates, but to a role that may sign for the mesh and nothing else.
 */
export function meshAuthorityOf(
  scope: Construct,
  infrastructure: InfrastructureContract,
  servers: PlatformServers,
  given: MeshAuthority | undefined,
): ConsulMeshAuthorityProps | undefined {
  const known = infrastructure.static;
  if (given === undefined) return undefined;
  const common = { environment: known.environment, vaultAddress: servers.vault.machine };
  if (known.cloud !== "aws") {
    return given.authMethod === undefined ? undefined : { ...common, ...given, authMethod: given.authMethod };
  }
  const { principals } = nodeFacts(scope, infrastructure);
  const groups = Object.entries(known.serverGroups).filter(([, runs]) => runs.includes("consul"));
  return {
    ...common,
    caFile: files.clusterCa.path,
    ...given,
    ...(given.authMethod === undefined
      ? {
          authMethod: {
            type: "aws",
            role: meshPolicy,
            region: known.region,
            mountPath: meshAuthMount,
          },
          signIn: {
            roleArns: groups.flatMap(([group]) => principals(nodeRoleName("server", group))),
            resolveUniqueIds: known.access.discovery !== "addresses",
            stsEndpoint: `https://sts.${known.region}.${awsPartition(known.region).dnsSuffix}`,
          },
        }
      : { authMethod: given.authMethod }),
  };
}
