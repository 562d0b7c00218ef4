/** Versions of everything a node runs. */
export interface Versions {
  readonly vault: string;
  readonly consul: string;
  readonly nomad: string;
  /** Image of the sidecars and gateways that Nomad starts; one that the Consul version supports. */
  readonly envoy: string;
  readonly cniPlugins: string;
  readonly consulCni: string;
  /** Container engine. */
  readonly docker: string;
}

/** What this release is tested with. */
export const defaultVersions: Versions = {
  vault: "1.19.5",
  consul: "1.22.5",
  nomad: "1.11.3",
  envoy: "1.35.3",
  cniPlugins: "1.8.0",
  consulCni: "1.9.5",
  docker: "28.5.2",
};
