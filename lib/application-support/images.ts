import { defaultVersions } from "../node/versions";

/** Images of the support's jobs, each with a tag or a digest: `"registry.example.com/envoy@sha256:..."`. */
export interface SupportImages {
  /** Its program makes Envoy a gateway; the version of the servers. */
  readonly consul: string;
  /** One that the version of Consul supports. */
  readonly envoy: string;
  readonly consulEsm: string;
  readonly nomadAutoscaler: string;
}

/** What this release is written for. A new version is a reviewed change, never a surprise. */
export const defaultImages: SupportImages = {
  consul: `docker.io/hashicorp/consul:${defaultVersions.consul}`,
  envoy: `docker.io/envoyproxy/envoy:v${defaultVersions.envoy}`,
  consulEsm: "docker.io/hashicorp/consul-esm:0.9.0",
  nomadAutoscaler: "docker.io/hashicorp/nomad-autoscaler:0.4.9",
};
