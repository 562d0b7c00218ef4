import type { CsiKind } from "../contract";

/** A CSI driver as Nomad runs it: one image, two roles. */
export interface CsiPlugin {
  /** Id under which volumes name it. */
  readonly id: string;
  /** Pinned; a new version is a reviewed change. */
  readonly image: string;
  /** Arguments of the one that calls the cloud. */
  readonly controller: readonly string[];
  /** Arguments of the one on each node. */
  readonly node: readonly string[];
}

export type CsiCloud = "aws" | "azure" | "gcp";

const endpoint = "unix:///csi/csi.sock";

/**
 * The drivers of each cloud. Both roles take the cloud's identity from their node: no key is anywhere.
 *
 * - https://github.com/kubernetes-sigs/aws-ebs-csi-driver, https://github.com/kubernetes-sigs/aws-efs-csi-driver
 * - https://github.com/kubernetes-sigs/azuredisk-csi-driver, https://github.com/kubernetes-sigs/azurefile-csi-driver
 * - https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver,
 *   https://github.com/kubernetes-sigs/gcp-filestore-csi-driver
 */
export function csiPlugins(cloud: CsiCloud, environment: string): Readonly<Record<CsiKind, CsiPlugin>> {
  switch (cloud) {
    case "aws":
      return {
        block: {
          id: "aws-ebs",
          image: "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.45.0",
          // By this tag the node's role tells the driver's own volumes from all others.
          controller: ["controller", `--endpoint=${endpoint}`, `--extra-tags=caravan-csi=${environment}`, "--v=2"],
          node: ["node", `--endpoint=${endpoint}`, "--v=2"],
        },
        file: {
          id: "aws-efs",
          image: "public.ecr.aws/efs-csi-driver/amazon/aws-efs-csi-driver:v2.1.9",
          controller: [`--endpoint=${endpoint}`, `--tags=caravan-csi:${environment}`, "--v=2"],
          node: [`--endpoint=${endpoint}`, "--v=2"],
        },
      };
    case "azure":
      return {
        block: {
          id: "azure-disk",
          image: "mcr.microsoft.com/oss/v2/kubernetes-csi/azuredisk-csi:v1.33.2",
          controller: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.azure.name}", "--v=2"],
          node: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.azure.name}", "--v=2"],
        },
        file: {
          id: "azure-file",
          image: "mcr.microsoft.com/oss/v2/kubernetes-csi/azurefile-csi:v1.33.8",
          controller: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.azure.name}", "--v=2"],
          node: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.azure.name}", "--v=2"],
        },
      };
    case "gcp":
      return {
        block: {
          id: "gcp-pd",
          image: "registry.k8s.io/cloud-provider-gcp/gcp-compute-persistent-disk-csi-driver:v1.17.3",
          controller: [
            `--endpoint=${endpoint}`,
            `--extra-labels=caravan-csi=${environment}`,
            "--run-node-service=false",
          ],
          node: [`--endpoint=${endpoint}`, "--run-controller-service=false"],
        },
        file: {
          id: "gcp-filestore",
          image: "registry.k8s.io/cloud-provider-gcp/gcp-filestore-csi-driver:v1.6.13",
          controller: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.gce.hostname}", "--controller=true"],
          node: [`--endpoint=${endpoint}`, "--nodeid=${attr.unique.platform.gce.hostname}", "--node=true"],
        },
      };
  }
}
