/** Versions of everything a node runs. */
export interface Versions {
  readonly vault: string;
  readonly consul: string;
  readonly nomad: string;
  /** Image of the sidecars and gateways that Nomad starts; one that the version of Consul supports. */
  readonly envoy: string;
  /** CNI's reference plugins, as the distribution packages and signs them. */
  readonly cniPlugins: string;
  /** Consul's CNI plugin, for transparent proxies. */
  readonly consulCni: string;
  /** Container engine of the workers. */
  readonly docker: string;
}

/** What this release is tested with. Consul says itself which Envoy it supports: `/v1/agent/self`, `xDS`. */
export const defaultVersions: Versions = {
  vault: "1.19.5",
  consul: "1.22.5",
  nomad: "1.11.3",
  envoy: "1.35.8",
  cniPlugins: "1.1.1",
  consulCni: "1.9.0",
  docker: "28.5.2",
};

/** The versions of an environment. */
export function versionsOf(props: { readonly versions?: Partial<Versions> }): Versions {
  return { ...defaultVersions, ...props.versions };
}

/** Image of Envoy, from the mirror if there is one. */
export function envoyImage(props: {
  readonly versions?: Partial<Versions>;
  readonly software?: { readonly registry?: string };
}): string {
  const { registry = "docker.io" } = props.software ?? {};
  return `${registry}/envoyproxy/envoy:v${versionsOf(props).envoy}`;
}
