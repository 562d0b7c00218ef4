import {
  ComputeRegionInstanceTemplate,
  type ComputeRegionInstanceTemplateConfig,
  type ComputeRegionInstanceTemplateDisk,
  type ComputeRegionInstanceTemplateScheduling,
} from "@cdktf/provider-google/lib/compute-region-instance-template";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean, text } from "../../core/rules";
import { parseSize, size } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { dataDevices } from "../../node/check/cloud-rules";
import { waiveByChoice } from "../../policy/waiver";
import type { GcpImage } from "./image";
import { diskTypeOf, instanceType, movesOnMaintenance } from "./instance-type";
import type { GcpPlace } from "./place";
import { cryptoKeyName, projectId, region, serviceAccount, subnetworkName } from "./rules";

export interface GcpInstanceTemplateProps extends Pick<GcpPlace, "project" | "region"> {
  /** Name of the group whose machines start from it; the template's own name begins so. */
  readonly name: string;
  readonly image: Pick<GcpImage, "selfLink">;
  /** `"e2-standard-4"`; a group may override it with others of the same processor and kind of disk. */
  readonly instanceType: string;
  /** E-mail address of the machines' service account. */
  readonly serviceAccountEmail: string;
  /** Full name of the subnet that they stand in. */
  readonly subnetId: string;
  /** User data in base64, as `cloudInit` gives it. */
  readonly userDataBase64: string;
  /** Size of the disk: `"50GiB"`. */
  readonly diskSize: string;
  /** Full name of the key that encrypts the disks. Compute Engine's service agent must be allowed to use it. */
  readonly kmsKeyName: string;
  /** Labels of machines. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of disks. */
  readonly diskLabels: Readonly<Record<string, string>>;
  /**
   * Network tags of machines, by which go-discover finds servers.
   *
   * @default - none
   */
  readonly networkTags?: readonly string[];
  /**
   * A second disk for data.
   *
   * @default - none
   */
  readonly dataDisk?: {
    /** `"20GiB"` */
    readonly size: string;
    /** The name under which the machine sees it: `"caravan-data"`. */
    readonly device: string;
    /** Whether it outlives its machine; the group then gives it to the next one. */
    readonly kept: boolean;
  };
  /**
   * Whether its machines are spot machines.
   *
   * @default false
   */
  readonly spot?: boolean;
  /**
   * Whether the user data lets jobs of Nomad be root on the machine (`raw_exec`). Breaks the policy's rule
   * `gcp-user-data-raw-exec` by choice.
   *
   * @default false
   */
  readonly rawExec?: boolean;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly instanceTemplate?: Transform<ComputeRegionInstanceTemplateConfig> };
}

const diskSize = size({ min: "1GiB", max: "64TiB", unit: "GiB" });

/**
 * The recipe of a node: Shielded VM with secure boot, its own service account, no public address, no SSH key of the project's,
 * no serial port to type at, disks with the environment's key. Each change is a new template; machines that run keep the one
 * they were started from.
 *
 * OS Login is on, so that only who is granted it in IAM could sign in; nobody is here.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpInstanceTemplate extends Construct {
  /** Each version has a name of its own. */
  readonly selfLink: string;

  constructor(scope: Construct, id: string, props: GcpInstanceTemplateProps) {
    const check = new PropsCheck("GcpInstanceTemplate", scope, id);
    check.required("project", props.project, projectId);
    check.required("region", props.region, region);
    check.required("name", props.name, text);
    check.required("instanceType", props.instanceType, instanceType);
    check.required("serviceAccountEmail", props.serviceAccountEmail, serviceAccount);
    check.required("subnetId", props.subnetId, subnetworkName);
    check.required("userDataBase64", props.userDataBase64, text);
    check.required("diskSize", props.diskSize, diskSize);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    if (props.dataDisk !== undefined) {
      check.required("dataDisk.size", props.dataDisk.size, diskSize);
      check.required("dataDisk.device", props.dataDisk.device, dataDevices.gcp);
    }
    check.optional("spot", props.spot, boolean);
    check.optional("rawExec", props.rawExec, boolean);
    check.done();
    super(scope, id);
    const { name, dataDisk, networkTags = [] } = props;
    const disk = (gibibytes: string): ComputeRegionInstanceTemplateDisk => ({
      diskType: diskTypeOf(props.instanceType),
      diskSizeGb: parseSize(gibibytes, "GiB"),
      diskEncryptionKey: { kmsKeySelfLink: props.kmsKeyName },
      labels: { ...props.diskLabels },
    });
    const template = new ComputeRegionInstanceTemplate(
      this,
      "Default",
      transformed(props.transform?.instanceTemplate, {
        project: props.project,
        region: props.region,
        namePrefix: `${name}-`,
        description: `Nodes of ${name}`,
        machineType: props.instanceType,
        canIpForward: false,
        disk: [
          { ...disk(props.diskSize), sourceImage: props.image.selfLink, boot: true, autoDelete: true },
          ...(dataDisk === undefined
            ? []
            : [{ ...disk(dataDisk.size), deviceName: dataDisk.device, autoDelete: !dataDisk.kept }]),
        ],
        // Without an access configuration there is no public address.
        networkInterface: [{ subnetwork: props.subnetId, stackType: "IPV4_ONLY" }],
        tags: [...networkTags],
        labels: { ...props.labels },
        metadata: {
          "user-data": props.userDataBase64,
          "user-data-encoding": "base64",
          "block-project-ssh-keys": "TRUE",
          "enable-oslogin": "TRUE",
          "serial-port-enable": "FALSE",
          "disable-legacy-endpoints": "TRUE",
        },
        // What it may do its account's grants decide; a scope only narrows them.
        serviceAccount: { email: props.serviceAccountEmail, scopes: ["cloud-platform"] },
        shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
        scheduling: props.spot === true ? SPOT : onDemand(props.instanceType),
        lifecycle: { createBeforeDestroy: true },
      }),
    );
    if (props.rawExec === true) {
      waiveByChoice(template, {
        rule: "gcp-user-data-raw-exec",
        reason: "whoever may submit jobs to this group's pool may be root on its machines",
        prop: "rawExec",
      });
    }
    this.selfLink = template.selfLink;
  }
}

/** https://cloud.google.com/compute/docs/instances/spot: the group starts another in place of one that is deleted. */
const SPOT: ComputeRegionInstanceTemplateScheduling = {
  provisioningModel: "SPOT",
  preemptible: true,
  automaticRestart: false,
  onHostMaintenance: "TERMINATE",
  instanceTerminationAction: "DELETE",
};

function onDemand(type: string): ComputeRegionInstanceTemplateScheduling {
  return {
    provisioningModel: "STANDARD",
    automaticRestart: true,
    onHostMaintenance: movesOnMaintenance(type) ? "MIGRATE" : "TERMINATE",
  };
}
