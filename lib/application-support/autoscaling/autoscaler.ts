import { AclPolicy } from "@cdktf/provider-nomad/lib/acl-policy";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Job, NomadJob } from "../../nomad";
import type { Template } from "../../nomad/spec";
import { nomadPolicyHcl } from "../../platform/policy/nomad-rules";
import type { SupportImages } from "../images";
import { supportNamespaces } from "../namespaces";
import { autoscalerConfiguration, type WorkerGroupScaling, workerPolicy } from "./scaling-policy";

export interface AutoscalerProps {
  /** Groups of workers that it scales, by name. */
  readonly workers: Readonly<Record<string, WorkerGroupScaling>>;
  /** Configuration of the plugins of the cloud, by their names. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A pool whose containers reach the cloud's identity. */
  readonly nodePool: string;
  readonly images: Pick<SupportImages, "nomadAutoscaler">;
  /** What the job's namespace is made by. */
  readonly namespace: Construct;
}

export const autoscaler = "nomad-autoscaler";

/**
 * The Nomad Autoscaler: it scales groups of workers by its own policies, and groups of jobs by what they say of themselves
 * (`scaling`). It speaks with Nomad by its task's socket and identity; with the cloud as its node, by what only a `system`
 * group may do.
 *
 * https://developer.hashicorp.com/nomad/tools/autoscaling
 */
export class Autoscaler extends Construct {
  constructor(scope: Construct, id: string, props: AutoscalerProps) {
    super(scope, id);
    const rights = new AclPolicy(this, "rights", {
      name: autoscaler,
      description: "The Nomad Autoscaler",
      // It counts what is reserved on each node, drains nodes before they go, and sets counts of jobs.
      rulesHcl: hcl.text(
        nomadPolicyHcl({
          namespace: { "*": { policy: "scale", capabilities: ["list-jobs", "read-job"] } },
          node: { policy: "write" },
        }),
      ),
      jobAcl: { jobId: autoscaler, namespace: supportNamespaces.operations },
    });
    const job = new NomadJob(this, "job", { job: autoscalerJob(props), policy: {} });
    job.node.addDependency(props.namespace, rights);
  }
}

export function autoscalerJob({ workers, plugins, nodePool, images }: Omit<AutoscalerProps, "namespace">): Job {
  const file = (destination: string, content: object): Template => ({
    destination,
    data: text(content),
    changeMode: "signal",
    changeSignal: "SIGHUP",
  });
  return {
    id: autoscaler,
    namespace: supportNamespaces.operations,
    nodePool,
    priority: 80,
    group: {
      autoscaler: {
        network: { mode: "bridge" },
        task: {
          autoscaler: {
            driver: "docker",
            config: {
              image: images.nomadAutoscaler,
              args: ["agent", "-config=/local/config.json"],
              readonlyRootfs: true,
              capDrop: ["all"],
              securityOpt: ["no-new-privileges"],
            },
            identity: { env: true },
            env: { NOMAD_ADDR: "unix://${NOMAD_SECRETS_DIR}/api.sock" },
            template: [
              file("local/config.json", autoscalerConfiguration(plugins)),
              ...Object.entries(workers).map(([name, group]) =>
                file(`local/policies/${name}.json`, workerPolicy(name, group)),
              ),
            ],
            resources: { cpu: 100, memory: 128 },
          },
        },
      },
    },
  };
}

/** JSON, made by Terraform where it holds what is known after apply. */
function text(content: object): string {
  const json = hcl.json(content);
  return Token.isUnresolved(json) ? json : `${JSON.stringify(content, null, 2)}\n`;
}
