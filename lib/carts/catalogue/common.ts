import type { Constraint, Job, Resources } from "../../nomad";
import type { CartProps } from "../cart";
import type { AllowedCaller, CartVolume, Exposure } from "../declarations";

/** What every Cart of the catalogue is given. */
export interface CatalogueProps {
  /** The container image, with its version. @default - the one that this release was written for (`catalogueImages`) */
  readonly image?: string;
  /** @default - the Cart's own */
  readonly resources?: Resources;
  /** @default - the namespace's */
  readonly nodePool?: string;
  /** What a node must fulfil. @default - nothing */
  readonly constraint?: Constraint | readonly Constraint[];
  /** Services of other stacks that may call it. @default - none */
  readonly allows?: readonly AllowedCaller[];
  /** Last changes to its jobs. @default - none */
  readonly transform?: CartProps["transform"];
}

/** What a Cart is given that people reach by a host name. */
export interface ExposedProps {
  /** Host below the applications' domain, or a part of its paths. @default - nobody outside reaches it */
  readonly expose?: string | Omit<Exposure, "service">;
}

/** What a Cart is given that keeps data. */
export interface KeptProps {
  /**
   * Where its data is kept.
   *
   * @default - a directory of one node, made by Nomad: `<name>-data`
   */
  readonly volume?: Pick<CartVolume, "type" | "plugin" | "size" | "parameters" | "existing"> & {
    readonly name?: string;
  };
}

/** Versions of the catalogue's programs, each a prop of its Cart. */
export const catalogueImages = {
  elasticsearch: "docker.elastic.co/elasticsearch/elasticsearch:9.1.2",
  filebeat: "docker.elastic.co/beats/filebeat:9.1.2",
  jaeger: "docker.io/jaegertracing/jaeger:2.9.0",
  keycloak: "quay.io/keycloak/keycloak:26.3.3",
  kibana: "docker.elastic.co/kibana/kibana:9.1.2",
  logstash: "docker.elastic.co/logstash/logstash:9.1.2",
  minimalService: "docker.io/nicholasjackson/fake-service:v0.26.2",
  postgres: "docker.io/library/postgres:17.6",
  redis: "docker.io/library/redis:8.2.1",
  traefik: "docker.io/library/traefik:v3.5.0",
} as const;

/** Where a job may run. */
export function placed({ nodePool, constraint }: CatalogueProps): Pick<Job, "nodePool" | "constraint"> {
  return {
    ...(nodePool === undefined ? {} : { nodePool }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}

/** What of the props the Cart itself takes as it is. */
export function passed({ transform }: CatalogueProps): Pick<CartProps, "transform"> {
  return transform === undefined ? {} : { transform };
}

export function allowed({ allows }: CatalogueProps): { readonly allows?: readonly AllowedCaller[] } {
  return allows === undefined ? {} : { allows };
}

export function exposed({ expose }: ExposedProps, service: string): Pick<CartProps, "exposes"> {
  if (expose === undefined) return {};
  return { exposes: { ...(typeof expose === "string" ? { host: expose } : expose), service } };
}

/** The volume of a Cart that keeps data in one place, as the user whose program writes there. */
export function kept(name: string, { volume }: KeptProps, destination: string, user?: number): CartVolume {
  // Other plugins have words of their own.
  const isDirectory = (volume?.type ?? "host") === "host" && volume?.plugin === undefined;
  const owner =
    user === undefined || !isDirectory ? {} : { parameters: { uid: `${user}`, gid: `${user}`, mode: "700" } };
  return { name: `${name}-data`, ...owner, ...volume, destination };
}
