import { SecretManagerSecret, type SecretManagerSecretConfig } from "@cdktf/provider-google/lib/secret-manager-secret";
import {
  SecretManagerSecretIamMember,
  type SecretManagerSecretIamMemberConfig,
} from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import type { ClusterSecret } from "../cluster-objects";
import { customRoleName } from "./custom-roles";
import { secretId } from "./names";
import type { GcpNodeAccount } from "./node-account";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { cryptoKeyName, serviceAccount } from "./rules";

export interface GcpSecretStoreProps extends GcpPlace {
  /** Full name of the key that encrypts them: the environment's data key. */
  readonly kmsKeyName: string;
  /** Accounts of the servers, by their groups: they write all three, and read the public CA only. */
  readonly servers: Readonly<Record<string, GcpNodeAccount>>;
  /** Accounts of the workers, by their groups: they read the public CA only. */
  readonly workers: Readonly<Record<string, GcpNodeAccount>>;
  /** E-mail address of the account that applies: it alone reads the bootstrap tokens. */
  readonly deployerEmail: string;
  /** E-mail address of the account that plans: it reads the public CA only. */
  readonly plannerEmail: string;
  /**
   * How many days a destroyed value can be brought back, 1 to 1000.
   *
   * @default 30
   */
  readonly recoveryWindowDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the secrets. */
    readonly secret?: Transform<SecretManagerSecretConfig>;
    /** Laid on each of the grants. */
    readonly member?: Transform<SecretManagerSecretIamMemberConfig>;
  };
}

const HOLDS: Readonly<Record<ClusterSecret, string>> = {
  "public-ca": "Certificates of the cluster's own CA, which nodes and CI trust",
  bootstrap: "Bootstrap tokens of Consul and Nomad, for the first apply of the platform",
  "recovery-keys": "Recovery keys of Vault, for the people who would restore it",
};

const DAY_SECONDS = 86_400;

/**
 * The secrets that a cluster hands out, one an audience: containers that Terraform owns and never looks into. The servers fill
 * them at first boot. They are kept in the environment's region alone, encrypted with its key.
 *
 * Each is granted to those it is for: recovery keys to nobody who reads, bootstrap tokens to the deployer.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpSecretStore extends Construct {
  /** As nodes are told it: `projects/<project>/secrets/<id>`. */
  readonly publicCaSecret: string;
  readonly bootstrapSecret: string;
  readonly recoveryKeysSecret: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpSecretStoreProps,
  ) {
    const check = new PropsCheck("GcpSecretStore", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    check.required("deployerEmail", props.deployerEmail, serviceAccount);
    check.required("plannerEmail", props.plannerEmail, serviceAccount);
    check.optional("recoveryWindowDays", props.recoveryWindowDays, integer(1, 1000, "days"));
    check.done();
    super(scope, id);
    const members = (plane: "server" | "worker", accounts: Readonly<Record<string, GcpNodeAccount>>) =>
      Object.fromEntries(Object.entries(accounts).map(([group, { member }]) => [`${plane}-${group}`, member]));
    const servers = members("server", props.servers);
    const nodes = { ...servers, ...members("worker", props.workers) };
    const deployer = { deployer: `serviceAccount:${props.deployerEmail}` };
    const planner = { planner: `serviceAccount:${props.plannerEmail}` };
    this.publicCaSecret = this.add("public-ca", { readers: { ...nodes, ...deployer, ...planner }, writers: servers });
    this.bootstrapSecret = this.add("bootstrap", { readers: deployer, writers: servers });
    this.recoveryKeysSecret = this.add("recovery-keys", { readers: {}, writers: servers });
  }

  private add(
    name: ClusterSecret,
    who: {
      readonly readers: Readonly<Record<string, string>>;
      readonly writers: Readonly<Record<string, string>>;
    },
  ): string {
    const { environment, project, region, kmsKeyName, recoveryWindowDays = 30, transform } = this.props;
    const secret = protect(
      new SecretManagerSecret(
        this,
        name,
        transformed(transform?.secret, {
          project,
          secretId: secretId(environment, name),
          annotations: { description: HOLDS[name] },
          replication: {
            userManaged: { replicas: [{ location: region, customerManagedEncryption: { kmsKeyName } }] },
          },
          versionDestroyTtl: `${recoveryWindowDays * DAY_SECONDS}s`,
          // Secret Manager has no way back for a secret as a whole.
          deletionProtection: isDeletionProtected(this),
        }),
      ),
    );
    const grant = (verb: "read" | "write", members: Readonly<Record<string, string>>) => {
      for (const [holder, member] of Object.entries(members)) {
        new SecretManagerSecretIamMember(
          this,
          `${name}-${holder}-${verb}`,
          transformed(transform?.member, {
            project,
            secretId: secret.secretId,
            role: customRoleName(this.props, verb === "read" ? "readSecret" : "writeSecret"),
            member,
          }),
        );
      }
    };
    grant("read", who.readers);
    grant("write", who.writers);
    return `projects/${project}/secrets/${secret.secretId}`;
  }
}
