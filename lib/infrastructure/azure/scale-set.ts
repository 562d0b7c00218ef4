import {
  LinuxVirtualMachineScaleSet,
  type LinuxVirtualMachineScaleSetConfig,
  type LinuxVirtualMachineScaleSetDataDisk,
} from "@cdktf/provider-azurerm/lib/linux-virtual-machine-scale-set";
import {
  MonitorAutoscaleSetting,
  type MonitorAutoscaleSettingConfig,
} from "@cdktf/provider-azurerm/lib/monitor-autoscale-setting";
import { Construct } from "constructs";
import { parseSize } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import type { AzureImage } from "./image";
import { diskTypeOf, hasAcceleratedNetworking, hasTrustedLaunch } from "./instance-type";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";

export interface AzureScaleSetTransform {
  readonly scaleSet?: Transform<LinuxVirtualMachineScaleSetConfig>;
  readonly bounds?: Transform<MonitorAutoscaleSettingConfig>;
}

export interface AzureScaleSetProps extends AzurePlace {
  readonly name: string;
  readonly image: Pick<AzureImage, "source">;
  readonly instanceType: string;
  readonly identity: AzureNodeIdentity;
  /** Where its machines stand, and what their interfaces belong to. */
  readonly network: {
    readonly subnetId: string;
    readonly securityGroupId?: string;
    readonly applicationSecurityGroupIds: readonly string[];
    readonly backendPoolIds: readonly string[];
    readonly gatewayPoolIds: readonly string[];
  };
  readonly zones: readonly string[];
  /** Whether no zone may have two machines more than another, even if it has no room. */
  readonly zoneBalance: boolean;
  /** User data in base64, as `cloudInit` gives it. */
  readonly userDataBase64: string;
  /** `"50GiB"` */
  readonly diskSize: string;
  readonly dataDisk?: { readonly size: string; readonly lun: string };
  readonly diskEncryptionSetId: string;
  /** How many machines it begins with, and between how many it is kept. */
  readonly size: { readonly first: number; readonly min: number; readonly max: number };
  /** Minutes that a machine which is to end has for leaving: 5 to 15. */
  readonly leaveMinutes: number;
  readonly spot?: boolean;
  /** Whether jobs of Nomad may be root, which breaks a rule by choice. */
  readonly rawExec?: boolean;
  /** Whether its loss could not be mended. */
  readonly isProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly transform?: AzureScaleSetTransform;
}

/** The user that Azure makes on each machine and lets nobody be: SSH is masked, there is no password, and no private key. */
const USER = "nobody-signs-in";

/**
 * Azure wants a public key. This one has no private half: its point is the first on the curve whose bytes are the SHA-256 of
 * "cdktf-caravan: nobody signs in N" (N is 2), and nobody knows a logarithm of a point that was found so.
 */
const NOBODYS_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqonSO+Njus9ClXMT3z7cfxZN8LGyVW6En2BA3ycL5q";

/** Beyond, a scale set spreads over several placement groups: the service's limit. */
const ONE_PLACEMENT_GROUP = 100;

/**
 * A scale set of machines that are all alike, without public addresses and without SSH, their disks encrypted with the data key and on
 * the host. A change is the recipe of new machines; those that run stay as they are (`upgrade_mode` Manual, no repairs, no image
 * upgrades). A machine that shall end is told before, and has time to leave.
 *
 * How many there are is nobody's in Terraform: Azure's own autoscale, without a rule, keeps the number within bounds, and so starts a
 * machine anew when one is gone; between the bounds whoever scales decides.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/autoscale/autoscale-best-practices
 */
export class AzureScaleSet extends Construct {
  readonly scaleSetId: string;
  readonly scaleSetName: string;

  constructor(scope: Construct, id: string, props: AzureScaleSetProps) {
    super(scope, id);
    const { name, instanceType, network, spot = false, transform } = props;
    const disk = {
      storageAccountType: diskTypeOf(instanceType),
      diskEncryptionSetId: props.diskEncryptionSetId,
    };
    const trusted = hasTrustedLaunch(instanceType);
    const scaleSet = new LinuxVirtualMachineScaleSet(
      this,
      "Default",
      transformed(transform?.scaleSet, {
        name,
        location: props.region,
        resourceGroupName: props.resourceGroup,
        sku: instanceType,
        instances: props.size.first,
        zones: props.zones.length === 0 ? undefined : [...props.zones],
        // Azure takes it beside two zones or more only.
        zoneBalance: props.zones.length > 1 ? props.zoneBalance : undefined,
        // The most fault domains that zones have room for.
        platformFaultDomainCount: props.zones.length === 0 ? 5 : 1,
        singlePlacementGroup: props.size.max <= ONE_PLACEMENT_GROUP,
        overprovision: false,
        upgradeMode: "Manual",
        scaleIn: { rule: "OldestVM" },
        terminationNotification: { enabled: true, timeout: `PT${props.leaveMinutes}M` },
        ...(spot ? { priority: "Spot", evictionPolicy: "Delete", maxBidPrice: -1 } : {}),
        adminUsername: USER,
        adminSshKey: [{ username: USER, publicKey: NOBODYS_KEY }],
        disablePasswordAuthentication: true,
        secureBootEnabled: trusted,
        vtpmEnabled: trusted,
        encryptionAtHostEnabled: true,
        ...props.image.source,
        customData: props.userDataBase64,
        osDisk: { ...disk, caching: "ReadOnly", diskSizeGb: parseSize(props.diskSize, "GiB") },
        dataDisk: dataDisks(props, disk),
        identity: { type: "UserAssigned", identityIds: [props.identity.identityId] },
        networkInterface: [
          {
            name: "nodes",
            primary: true,
            enableAcceleratedNetworking: hasAcceleratedNetworking(instanceType),
            networkSecurityGroupId: network.securityGroupId,
            ipConfiguration: [
              {
                name: "nodes",
                primary: true,
                subnetId: network.subnetId,
                applicationSecurityGroupIds: [...network.applicationSecurityGroupIds],
                loadBalancerBackendAddressPoolIds: [...network.backendPoolIds],
                applicationGatewayBackendAddressPoolIds: [...network.gatewayPoolIds],
              },
            ],
          },
        ],
        // What is written to the serial console stays to be read, also when a boot fails: in Azure's own account.
        bootDiagnostics: {},
        tags: { ...props.tags },
        lifecycle: { ignoreChanges: ["instances"] },
        dependsOn: [...props.identity.assignments],
      }),
    );
    if (props.isProtected) protect(scaleSet);
    if (props.rawExec === true) {
      waiveByChoice(scaleSet, {
        rule: "azure-user-data-raw-exec",
        reason: "whoever may submit jobs to this group's pool may be root on its machines",
        prop: "rawExec",
      });
    }
    this.scaleSetId = scaleSet.id;
    this.scaleSetName = scaleSet.name;
    const { first, min, max } = props.size;
    new MonitorAutoscaleSetting(
      this,
      "bounds",
      transformed(transform?.bounds, {
        name,
        location: props.region,
        resourceGroupName: props.resourceGroup,
        targetResourceId: scaleSet.id,
        profile: [{ name: "bounds", capacity: { default: first, minimum: min, maximum: max } }],
      }),
    );
  }
}

function dataDisks(
  { dataDisk }: AzureScaleSetProps,
  disk: Pick<LinuxVirtualMachineScaleSetDataDisk, "storageAccountType" | "diskEncryptionSetId">,
): LinuxVirtualMachineScaleSetDataDisk[] | undefined {
  if (dataDisk === undefined) return undefined;
  const { lun, size } = dataDisk;
  return [{ ...disk, lun: Number(lun), diskSizeGb: parseSize(size, "GiB"), caching: "None", createOption: "Empty" }];
}
