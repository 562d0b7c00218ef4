import { Audit, type AuditConfig } from "@cdktf/provider-vault/lib/audit";
import { GenericEndpoint, type GenericEndpointConfig } from "@cdktf/provider-vault/lib/generic-endpoint";
import { QuotaRateLimit, type QuotaRateLimitConfig } from "@cdktf/provider-vault/lib/quota-rate-limit";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { type KeyValueEngineProps, keyValues as makeKeyValues } from "./engines/key-values";

/** Where Vault writes what it was asked and what it answered. */
export type VaultAuditDevice =
  | {
      readonly type: "file";
      /** A path on the server, or `"stdout"`: the journal. */
      readonly path: string;
    }
  | { readonly type: "syslog" /** @default "AUTH" */; readonly facility?: string }
  | { readonly type: "socket"; readonly address: string /** @default "tcp" */; readonly socketType?: "tcp" | "udp" };

/** The key-value store, version 2, of applications. */
export interface KeyValueStore extends Omit<KeyValueEngineProps, "description"> {
  /** @default "secret" */
  readonly path?: string;
}

/** How many requests a second Vault takes from all clients together, and from a path. */
export interface RateLimit {
  /** Requests a second. */
  readonly rate: number;
  /**
   * A mount or a path below one.
   *
   * @default - all of Vault
   */
  readonly path?: string;
  /**
   * How long a client that went over it is refused.
   *
   * @default - until the next second
   */
  readonly blockInterval?: string;
}

export interface VaultBaseProps {
  readonly audit: Readonly<Record<string, VaultAuditDevice>>;
  readonly keyValues: KeyValueStore;
  readonly quotas: Readonly<Record<string, RateLimit>>;
  /** Headers of the UI's answers, by name. */
  readonly uiHeaders: Readonly<Record<string, string>>;
  /** @default - none */
  readonly transform?: VaultBaseTransform;
}

/** Each is laid on all of its kind. */
export interface VaultBaseTransform {
  readonly auditDevice?: Transform<AuditConfig>;
  readonly quota?: Transform<QuotaRateLimitConfig>;
  readonly uiHeader?: Transform<GenericEndpointConfig>;
}

/** The default path of the key-value store of applications. */
export const DEFAULT_KV = "secret";

/** What Vault has before anybody signs in: audit devices, the store of applications' secrets, limits. */
export class VaultBase extends Construct {
  readonly kvMount: string;
  /** Everything else of Vault comes after them, so that it is on record. */
  readonly audit: Construct;

  constructor(scope: Construct, id: string, { audit, keyValues, quotas, uiHeaders, transform }: VaultBaseProps) {
    super(scope, id);
    this.audit = new Construct(this, "audit");
    let before: Audit | undefined;
    for (const [path, device] of Object.entries(audit)) {
      const made = new Audit(
        this.audit,
        path,
        transformed(transform?.auditDevice, { path, type: device.type, options: auditOptions(device) }),
      );
      // Vault fails requests that it audits while a device comes up: one after the other, and before all else.
      if (before !== undefined) made.node.addDependency(before);
      before = made;
    }
    this.kvMount = makeKeyValues(
      this,
      { mount: "key-values", settings: "key-values-settings" },
      { ...keyValues, path: keyValues.path ?? DEFAULT_KV, description: "Secrets of applications" },
    );
    for (const [name, { rate, path, blockInterval }] of Object.entries(quotas)) {
      new QuotaRateLimit(
        this,
        `quota-${name}`,
        transformed(transform?.quota, {
          name,
          rate,
          path: path ?? "",
          ...(blockInterval === undefined ? {} : { blockInterval: parseDuration(blockInterval, "s") }),
        }),
      );
    }
    for (const [name, value] of Object.entries(uiHeaders)) {
      new GenericEndpoint(
        this,
        `ui-header-${name}`,
        transformed(transform?.uiHeader, {
          path: `sys/config/ui/headers/${name}`,
          dataJson: hcl.json({ values: [value] }),
          // Vault answers with another form than it takes.
          disableRead: true,
        }),
      );
    }
  }
}

function auditOptions(device: VaultAuditDevice): Record<string, string> {
  switch (device.type) {
    case "file":
      return device.path === "stdout" ? { file_path: "stdout" } : { file_path: device.path, mode: "0600" };
    case "syslog":
      return { facility: device.facility ?? "AUTH", tag: "vault" };
    case "socket":
      return { address: device.address, socket_type: device.socketType ?? "tcp" };
  }
}
