import {
  AzurermBackend,
  type AzurermBackendConfig,
  DataTerraformRemoteStateAzurerm,
  DataTerraformRemoteStateGcs,
  DataTerraformRemoteStateLocal,
  DataTerraformRemoteStateS3,
  GcsBackend,
  type GcsBackendConfig,
  LocalBackend,
  S3Backend,
  type S3BackendConfig,
  type TerraformBackend,
  type TerraformRemoteState,
  type TerraformStack,
} from "cdktf";
import type { Construct } from "constructs";
import { type Transform, transformed } from "./transform";

const BRAND = Symbol.for("cdktf-caravan/State");

/**
 * Where Terraform keeps the state of an environment's stacks, one state a stack, keyed by the stack's id. Who may read
 * and write it is never part of it: Terraform takes the identity from the environment it runs in.
 */
export abstract class State {
  constructor() {
    Object.defineProperty(this, BRAND, { value: true });
  }

  static isState(this: void, x: unknown): x is State {
    return typeof x === "object" && x !== null && BRAND in x;
  }

  /** Gives a stack its backend. */
  abstract addBackend(stack: TerraformStack, stackId: string): TerraformBackend;

  /** Reads the outputs of another stack whose state is kept here. */
  abstract readFrom(scope: Construct, id: string, stackId: string): TerraformRemoteState;
}

export interface S3StateProps {
  /** Name of the bucket. `AwsStateStack` makes one. */
  readonly bucket: string;
  /** The bucket's region, `"eu-central-1"`. */
  readonly region: string;
  /**
   * What stands before the stack's id in the object's key, `"platform/"`.
   *
   * @default "" - the key is `<stack id>.tfstate`
   */
  readonly keyPrefix?: string;
  /**
   * ARN of the KMS key that encrypts the state.
   *
   * @default - the bucket decides by its own default encryption
   */
  readonly kmsKeyId?: string;
  /**
   * Changes to the backend's own props, such as an endpoint of an S3-compatible store. They apply to reading as well.
   *
   * @default - none
   */
  readonly transform?: { readonly backend?: Transform<S3BackendConfig> };
}

/** State in an S3 bucket, locked by a lock file in the same bucket. */
export class S3State extends State {
  constructor(private readonly props: S3StateProps) {
    super();
  }

  addBackend(stack: TerraformStack, stackId: string): TerraformBackend {
    const backend = new S3Backend(stack, this.config(stackId));
    // Not in cdktf's type. Terraform 1.11 deprecates the lock table in DynamoDB, which it replaces.
    backend.addOverride("use_lockfile", true);
    return backend;
  }

  readFrom(scope: Construct, id: string, stackId: string): TerraformRemoteState {
    return new DataTerraformRemoteStateS3(scope, id, this.config(stackId));
  }

  private config(stackId: string): S3BackendConfig {
    const { bucket, region, keyPrefix = "", kmsKeyId, transform } = this.props;
    return transformed(transform?.backend, {
      bucket,
      region,
      key: `${keyPrefix}${stackId}.tfstate`,
      // Without a key Terraform would ask for S3's own encryption, over the default that the bucket has.
      encrypt: kmsKeyId === undefined ? undefined : true,
      kmsKeyId,
    });
  }
}

export interface GcsStateProps {
  /** Name of the bucket. `GcpStateStack` makes one. */
  readonly bucket: string;
  /**
   * What stands before the stack's id in the object's name, `"platform/"`.
   *
   * @default "" - the object is `<stack id>/default.tfstate`
   */
  readonly prefix?: string;
  /**
   * Changes to the backend's own props. They apply to reading as well.
   *
   * @default - none
   */
  readonly transform?: { readonly backend?: Transform<GcsBackendConfig> };
}

/** State in a Google Cloud Storage bucket, which locks by itself. */
export class GcsState extends State {
  constructor(private readonly props: GcsStateProps) {
    super();
  }

  addBackend(stack: TerraformStack, stackId: string): TerraformBackend {
    return new GcsBackend(stack, this.config(stackId));
  }

  readFrom(scope: Construct, id: string, stackId: string): TerraformRemoteState {
    return new DataTerraformRemoteStateGcs(scope, id, this.config(stackId));
  }

  private config(stackId: string): GcsBackendConfig {
    const { bucket, prefix = "", transform } = this.props;
    return transformed(transform?.backend, { bucket, prefix: `${prefix}${stackId}` });
  }
}

export interface AzurermStateProps {
  readonly storageAccountName: string;
  readonly containerName: string;
  readonly resourceGroupName: string;
  /**
   * What stands before the stack's id in the blob's name, `"platform/"`.
   *
   * @default "" - the blob is `<stack id>.tfstate`
   */
  readonly keyPrefix?: string;
  /**
   * Changes to the backend's own props. They apply to reading as well.
   *
   * @default - none
   */
  readonly transform?: { readonly backend?: Transform<AzurermBackendConfig> };
}

/** State in an Azure blob container, which locks by itself; signed in with Entra ID, never with a shared key. */
export class AzurermState extends State {
  constructor(private readonly props: AzurermStateProps) {
    super();
  }

  addBackend(stack: TerraformStack, stackId: string): TerraformBackend {
    return new AzurermBackend(stack, this.config(stackId));
  }

  readFrom(scope: Construct, id: string, stackId: string): TerraformRemoteState {
    return new DataTerraformRemoteStateAzurerm(scope, id, this.config(stackId));
  }

  private config(stackId: string): AzurermBackendConfig {
    const { storageAccountName, containerName, resourceGroupName, keyPrefix = "", transform } = this.props;
    return transformed(transform?.backend, {
      storageAccountName,
      containerName,
      resourceGroupName,
      key: `${keyPrefix}${stackId}.tfstate`,
      useAzureadAuth: true,
    });
  }
}

export interface LocalStateProps {
  /**
   * Directory of the state files, absolute or relative to a stack's own directory (`cdktf.out/stacks/<stack id>`).
   *
   * @default "../../.." - the directory that holds `cdktf.out`
   */
  readonly directory?: string;
}

/** State in files: for the first apply of a state stack, for trying out and for tests. It locks out no other machine. */
export class LocalState extends State {
  constructor(private readonly props: LocalStateProps = {}) {
    super();
  }

  addBackend(stack: TerraformStack, stackId: string): TerraformBackend {
    return new LocalBackend(stack, { path: this.path(stackId) });
  }

  readFrom(scope: Construct, id: string, stackId: string): TerraformRemoteState {
    return new DataTerraformRemoteStateLocal(scope, id, { path: this.path(stackId) });
  }

  private path(stackId: string): string {
    return `${this.props.directory ?? "../../.."}/${stackId}.tfstate`;
  }
}
