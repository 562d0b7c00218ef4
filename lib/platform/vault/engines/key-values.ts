import { KvSecretBackendV2, type KvSecretBackendV2Config } from "@cdktf/provider-vault/lib/kv-secret-backend-v2";
import { Mount, type MountConfig } from "@cdktf/provider-vault/lib/mount";
import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { hcl } from "../../../core/hcl";
import { boolean, integer } from "../../../core/rules";
import { duration, parseDuration } from "../../../core/values";
import { adopt } from "../../../layer/blocks";
import { protect } from "../../../layer/protection";
import { type Transform, transformed } from "../../../layer/transform";

/** A key-value store, version 2. */
export interface KeyValueEngineProps {
  /** @default - none */
  readonly description?: string;
  /** How many versions of a secret are kept. @default 10 */
  readonly maxVersions?: number;
  /**
   * Whether a write must say which version it replaces, so that no two writers undo each other.
   *
   * @default false
   */
  readonly casRequired?: boolean;
  /** After how long a version is deleted. @default - never */
  readonly deleteVersionAfter?: string;
  /**
   * Whether it is there already, to be adopted. It is never taken away then.
   *
   * @default false
   */
  readonly exists?: boolean;
  /** @default - none */
  readonly transform?: KeyValueEngineTransform;
}

export interface KeyValueEngineTransform {
  readonly mount?: Transform<MountConfig>;
  readonly settings?: Transform<KvSecretBackendV2Config>;
}

export function checkKeyValues(check: PropsCheck, props: Omit<KeyValueEngineProps, "description" | "transform">): void {
  check.optional("maxVersions", props.maxVersions, integer(1, 100, "versions"));
  check.optional("casRequired", props.casRequired, boolean);
  check.optional("deleteVersionAfter", props.deleteVersionAfter, duration({ unit: "s" }));
}

/**
 * A key-value store, version 2, at a mount of its own. Terraform refuses to destroy it.
 *
 * @throws InvalidPropsError for wrong props
 */
export class KeyValueEngine extends Construct {
  readonly path: string;

  constructor(scope: Construct, id: string, { path, ...props }: KeyValueEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("KeyValueEngine", scope, id);
    checkKeyValues(check, props);
    check.done();
    this.path = keyValues(this, { mount: "Default", settings: "settings" }, { path, ...props });
  }
}

/** Makes the engine and its settings under these ids; its path. */
export function keyValues(
  scope: Construct,
  ids: { readonly mount: string; readonly settings: string },
  { path, description, transform, exists, ...settings }: KeyValueEngineProps & { readonly path: string },
): string {
  const mount = new Mount(
    scope,
    ids.mount,
    transformed(transform?.mount, {
      path,
      type: "kv",
      description: description === undefined ? undefined : hcl.text(description),
      options: { version: "2" },
    }),
  );
  protect(mount);
  if (exists) adopt(mount, path);
  const { maxVersions = 10, casRequired = false, deleteVersionAfter } = settings;
  new KvSecretBackendV2(
    scope,
    ids.settings,
    transformed(transform?.settings, {
      mount: mount.path,
      maxVersions,
      casRequired,
      ...(deleteVersionAfter === undefined ? {} : { deleteVersionAfter: parseDuration(deleteVersionAfter, "s") }),
    }),
  );
  return mount.path;
}
