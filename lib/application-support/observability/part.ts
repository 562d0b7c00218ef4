import type { PropsCheck } from "../../core/errors";
import { rule } from "../../core/errors";
import { matching, oneOf } from "../../core/rules";
import { size } from "../../core/values";
import type { Resources, Template } from "../../nomad";
import type { PlatformContract } from "../../platform/contract";
import { hardened } from "./hardened";
import { pinnedImage } from "./images";
import type { ObjectStore, Storage } from "./storage";

/** What every part of the observability is told. */
export interface PartProps {
  /** The contract of the platform. */
  readonly platform: PlatformContract;
  /** Nomad's namespace of its job. */
  readonly namespace: string;
  /** Node pool that it runs in. @default "default" */
  readonly nodePool?: string;
  /** @default - what its page says */
  readonly resources?: Resources;
}

export { hardened };

/** Resources where nobody says them. */
export const sized = (resources: Resources | undefined, cpu: number, memory: string): Resources =>
  resources ?? { cpu, memory };

/**
 * A file of the task as it stands. Nomad's templates would read `{{ ... }}`, which rules and dashboards have for Prometheus
 * and Grafana, so here an action begins with what stands in none of them.
 */
export function plainFile(destination: string, data: string, changeMode: "restart" | "reload" | "noop"): Template {
  return {
    destination,
    data,
    leftDelimiter: "<<<%",
    rightDelimiter: "%>>>",
    ...changes(changeMode),
  };
}

/** A file that Nomad fills in. */
export function filledFile(destination: string, data: string, changeMode: "restart" | "reload" | "noop"): Template {
  return { destination, data, ...changes(changeMode) };
}

const changes = (mode: "restart" | "reload" | "noop") =>
  mode === "reload" ? ({ changeMode: "signal", changeSignal: "SIGHUP" } as const) : { changeMode: mode };

const volumeName = matching(/[\w.-]{1,128}/, "the name of a volume", 'write it as "prometheus"');
const pluginId = matching(/[\w.-]{1,128}/, "the id of the CSI plugin that makes it", 'name it, "aws-ebs"');
const bucketName = matching(/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/, "the name of a bucket", "name the bucket");
const region = matching(/[a-z0-9-]{2,30}/, "a region's code", 'use its code, "eu-central-1"');
const secretPath = matching(
  /[\w.-]+(?:\/[\w.-]+)*/,
  "a path below the job's own secrets, without a slash first",
  'use a path such as "s3"',
);
const credentials = rule<ObjectStore["credentials"]>({
  allowed: "{ roleArn } or { secret }",
  fix: "say who the program is to the bucket",
  accepts: (value) =>
    typeof value === "object" && value !== null && ("roleArn" in value ? !("secret" in value) : "secret" in value),
});

export { secretPath };

/** Checks what every part may be given. */
export function checkPart(check: PropsCheck, props: { readonly nodePool?: string; readonly image?: string }): void {
  check.optional("nodePool", props.nodePool, matching(/[\w-]{1,128}/, "a node pool", "name a node pool"));
  check.optional("image", props.image, pinnedImage);
}

export function checkStorage(check: PropsCheck, storage: Storage | undefined): void {
  if (storage === undefined) return;
  const at = check.under("storage");
  at.optional("diskSize", storage.diskSize, size({ min: "100MiB", unit: "MiB" }));
  if (storage.volume === undefined) return;
  const { name, type = "host", plugin, size: capacity, existing } = storage.volume;
  at.required("volume.name", name, volumeName);
  at.optional("volume.type", type, oneOf(["host", "csi"]));
  at.optional("volume.size", capacity, size({ min: "1GiB", unit: "GiB" }));
  if (type === "csi" && existing !== true) at.required("volume.plugin", plugin, pluginId);
  if (type === "host" && (plugin !== undefined || capacity !== undefined)) {
    const fix = 'say type: "csi", or remove it';
    const [property, given] = plugin === undefined ? ["size", capacity] : ["plugin", plugin];
    at.add({ property: `volume.${property}`, given, allowed: "a plugin and a size of a volume of the cloud", fix });
  }
  if (storage.diskSize !== undefined) {
    at.add({
      property: "diskSize",
      given: storage.diskSize,
      allowed: "either a volume or a size of the allocation's disk",
      fix: "remove one of them",
    });
  }
}

export function checkObjectStore(check: PropsCheck, store: ObjectStore | undefined): void {
  if (store === undefined) return;
  const at = check.under("objectStore");
  at.required("bucket", store.bucket, bucketName);
  at.required("region", store.region, region);
  if (!at.required("credentials", store.credentials, credentials)) return;
  if ("secret" in store.credentials) at.required("credentials.secret", store.credentials.secret, secretPath);
  else {
    const arn = matching(/arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+/, "the ARN of a role", "give the role's ARN");
    at.required("credentials.roleArn", store.credentials.roleArn, arn);
  }
}
