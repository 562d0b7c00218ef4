import { ConfigEntry, type ConfigEntryConfig } from "@cdktf/provider-consul/lib/config-entry";
import {
  ConfigEntryServiceIntentions,
  type ConfigEntryServiceIntentionsConfig,
} from "@cdktf/provider-consul/lib/config-entry-service-intentions";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import type { MeshAuthority } from "./mesh-authority";
import type { ServiceEntries } from "./service-entries";

/** A connection that is allowed, or refused. What no line says is refused. */
export interface Intention {
  /** The service that calls; `"*"` is every one. */
  readonly from: string;
  /** The service that is called. */
  readonly to: string;
  /** @default "allow" */
  readonly action?: "allow" | "deny";
  /**
   * Requests that are allowed, where the service speaks HTTP; all others are refused.
   *
   * @default - all of them
   */
  readonly http?: readonly HttpPermission[];
}

export interface HttpPermission {
  /** @default "allow" */
  readonly action?: "allow" | "deny";
  readonly pathExact?: string;
  readonly pathPrefix?: string;
  /** @default - any method */
  readonly methods?: readonly string[];
}

export interface Mesh {
  /**
   * The mesh's certificate authority in Vault. On an environment of this library `{}` is enough.
   *
   * @default - Consul's own, in its storage
   */
  readonly authority?: MeshAuthority;
  /**
   * What services speak where they do not say it.
   *
   * @default "http"
   */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  /** Whether sidecars write down each connection. @default true */
  readonly accessLogs?: boolean;
  /**
   * Whether what runs in the mesh reaches only what is in the mesh. What needs the outside goes by a terminating gateway.
   *
   * @default false
   */
  readonly meshDestinationsOnly?: boolean;
  /**
   * How what is called in another datacenter is reached.
   *
   * @default "none": directly
   */
  readonly meshGateway?: "none" | "local" | "remote";
  /**
   * What else all sidecars are told, in Envoy's and Consul's own words: `{ envoy_prometheus_bind_addr: "0.0.0.0:9102" }`.
   * https://developer.hashicorp.com/consul/docs/reference/proxy/envoy
   *
   * @default - nothing
   */
  readonly proxyConfig?: Readonly<Record<string, string | number | boolean>>;
  /** @default "TLSv1_2" */
  readonly tlsMinVersion?: "TLSv1_2" | "TLSv1_3";
  /** Connections that Carts do not say themselves. @default - none */
  readonly intentions?: readonly Intention[];
  /** Entries of services, by name. @default - none */
  readonly services?: Readonly<Record<string, ServiceEntries>>;
  /** Changes to the props of the inner resources. @default - none */
  readonly transform?: ConsulMeshTransform;
}

/** Those of services and of intentions are laid on each of them. */
export interface ConsulMeshTransform {
  readonly proxyDefaults?: Transform<ConfigEntryConfig>;
  readonly mesh?: Transform<ConfigEntryConfig>;
  readonly intentions?: Transform<ConfigEntryServiceIntentionsConfig>;
  readonly serviceDefaults?: Transform<ConfigEntryConfig>;
  readonly serviceResolver?: Transform<ConfigEntryConfig>;
  readonly serviceSplitter?: Transform<ConfigEntryConfig>;
  readonly serviceRouter?: Transform<ConfigEntryConfig>;
}

const SERVICE_TRANSFORMS = {
  defaults: "serviceDefaults",
  resolver: "serviceResolver",
  splitter: "serviceSplitter",
  router: "serviceRouter",
} as const;

/** Consul's service mesh: defaults of its sidecars, who may call whom, and how requests find their way. */
export class ConsulMesh extends Construct {
  constructor(scope: Construct, id: string, mesh: Mesh) {
    super(scope, id);
    const { transform } = mesh;
    const defaults = this.entry(
      "proxy-defaults",
      "global",
      {
        Config: { ...mesh.proxyConfig, protocol: mesh.protocol ?? "http" },
        AccessLogs: { Enabled: mesh.accessLogs ?? true },
        ...(mesh.meshGateway === undefined ? {} : { MeshGateway: { Mode: mesh.meshGateway } }),
      },
      transform?.proxyDefaults,
    );
    this.entry(
      "mesh",
      "mesh",
      {
        TransparentProxy: { MeshDestinationsOnly: mesh.meshDestinationsOnly ?? false },
        TLS: {
          Incoming: { TLSMinVersion: mesh.tlsMinVersion ?? "TLSv1_2" },
          Outgoing: { TLSMinVersion: mesh.tlsMinVersion ?? "TLSv1_2" },
        },
      },
      transform?.mesh,
    );
    for (const [to, lines] of destinations(mesh.intentions ?? [])) {
      const intentions = new ConfigEntryServiceIntentions(
        this,
        `intentions-${idOf(to)}`,
        transformed(transform?.intentions, { name: to, sources: lines.map(intentionSource) }),
      );
      // Rules for HTTP are refused while the service is not known to speak it.
      intentions.node.addDependency(defaults);
    }
    for (const [service, entries] of Object.entries(mesh.services ?? {})) {
      let before: ConfigEntry = defaults;
      for (const kind of ["defaults", "resolver", "splitter", "router"] as const) {
        const config = entries[kind];
        if (config === undefined) continue;
        const entry = this.entry(`service-${kind}`, service, config, transform?.[SERVICE_TRANSFORMS[kind]]);
        // Each may refer to what the one before it says.
        entry.node.addDependency(before);
        before = entry;
      }
    }
  }

  private entry(kind: string, name: string, config: object, transform?: Transform<ConfigEntryConfig>): ConfigEntry {
    const props: ConfigEntryConfig = { kind, name, configJson: hcl.json(config) };
    return new ConfigEntry(this, `${kind}-${name}`, transformed(transform, props));
  }
}

function destinations(intentions: readonly Intention[]): Map<string, Intention[]> {
  const byDestination = new Map<string, Intention[]>();
  for (const intention of intentions) {
    byDestination.set(intention.to, [...(byDestination.get(intention.to) ?? []), intention]);
  }
  return byDestination;
}

/** Who may call, in the words of the resource. */
export function intentionSource({ from, action = "allow", http }: Omit<Intention, "to">) {
  const common = { name: from, type: "consul" };
  if (http === undefined) return { ...common, action };
  return {
    ...common,
    permissions: http.map(({ action: how = "allow", pathExact, pathPrefix, methods }) => ({
      action: how,
      http: [{ pathExact, pathPrefix, methods: methods === undefined ? undefined : [...methods] }],
    })),
  };
}

function idOf(service: string): string {
  return service === "*" ? "all" : service;
}
