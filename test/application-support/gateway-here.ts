import type { Servers } from "../support/hashicorp/servers";

const NAMESPACE = "caravan-gateways";

/** Where the gateway's job runs here, and by what. */
export interface GatewayPlace {
  readonly nodePool: string;
  /** Path of Consul's program on the node. */
  readonly consul: string;
}

/**
 * Runs the gateway's job as it was registered, but by programs of the node, as root, and once, ending where Envoy would begin:
 * its program registers the gateway and writes what Envoy is to be told. Returns the certificate that the job was given.
 */
export async function gatewayHere({ nomad, consul }: Servers, { nodePool, consul: program }: GatewayPlace) {
  const registered = await nomad.must("GET", `job/api-gateway?namespace=${NAMESPACE}`);
  const [group] = registered.TaskGroups;
  const gateway = group.Tasks.find(({ Name }: { Name: string }) => Name === "gateway");
  const args = gateway.Config.args.slice(0, gateway.Config.args.indexOf("--"));
  const register = `${program} ${args.join(" ")} -bootstrap -ignore-envoy-compatibility > local/bootstrap.json`;
  const Config = { command: "/bin/sh", args: ["-c", `${register} && cat secrets/tls.pem && exec sleep 300`] };
  const task = { ...gateway, User: "", Driver: "raw_exec", Config, Resources: { CPU: 10, MemoryMB: 64 } };
  const TaskGroups = [{ ...group, Count: 1, Tasks: [task] }];
  const space = await nomad.must("GET", `namespace/${NAMESPACE}`);
  await nomad.must("POST", `namespace/${NAMESPACE}`, { ...space, Capabilities: null });
  await nomad.must("DELETE", `job/api-gateway?namespace=${NAMESPACE}&purge=true`);
  const Job = { ...registered, Type: "service", NodePool: nodePool, TaskGroups };
  await nomad.must("POST", `jobs?namespace=${NAMESPACE}`, { Job });

  const instance = await until("the gateway is registered", async () => {
    const [found] = await consul.must("GET", "catalog/service/api-gateway");
    return found as { readonly ServiceKind: string; readonly ServiceID: string; readonly Node: string } | undefined;
  });
  const certificate = await until("its certificate is there", async () => {
    const [allocation] = await nomad.must("GET", `job/api-gateway/allocations?namespace=${NAMESPACE}`);
    const query = `namespace=${NAMESPACE}&task=gateway&type=stdout&plain=true`;
    const { body } = await nomad.ask("GET", `client/fs/logs/${allocation.ID}?${query}`);
    return ["PRIVATE KEY", "END CERTIFICATE"].every((part) => String(body).includes(part)) ? String(body) : undefined;
  });
  return { instance, certificate };
}

/** What is there once it is. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 300))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not within a minute`);
}
