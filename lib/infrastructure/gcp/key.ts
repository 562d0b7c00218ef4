import { KmsCryptoKey, type KmsCryptoKeyConfig } from "@cdktf/provider-google/lib/kms-crypto-key";
import {
  KmsCryptoKeyIamMember,
  type KmsCryptoKeyIamMemberConfig,
} from "@cdktf/provider-google/lib/kms-crypto-key-iam-member";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { text } from "../../core/rules";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";

export interface GcpKeyProps {
  /** Id of the key ring: `projects/<project>/locations/<region>/keyRings/<name>`. */
  readonly keyRingId: string;
  /** One word, the key's name in its ring: `"seal"`. */
  readonly purpose: string;
  /** Who uses it: the member, as grants name it, by an id of its grant. */
  readonly users: Readonly<Record<string, string>>;
  /** The role that its users get on this key. */
  readonly role: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpKeyTransform;
}

export interface GcpKeyTransform {
  readonly key?: Transform<KmsCryptoKeyConfig>;
  /** Laid on each of the grants. */
  readonly member?: Transform<KmsCryptoKeyIamMemberConfig>;
}

/** 90 days: CIS Google Cloud v5.0 1.11, Trivy GCP-0065, Checkov CKV_GCP_43. */
const ROTATION = "7776000s";

/** 30 days, after which a destroyed version, and all it encrypted, is lost; Google offers 120. */
const DESTRUCTION_DELAY = "2592000s";

/**
 * A symmetric key: rotated every 90 days, protected from being destroyed, used by none but those named.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpKey extends Construct {
  /** The key's full name. Whoever refers to it waits until its users may use it. */
  readonly keyName: string;
  /** The last part of its name. */
  readonly shortName: string;

  constructor(scope: Construct, id: string, props: GcpKeyProps) {
    const check = new PropsCheck("GcpKey", scope, id);
    check.required("keyRingId", props.keyRingId, text);
    check.required("purpose", props.purpose, text);
    check.required("role", props.role, text);
    check.done();
    super(scope, id);
    const key = protect(
      new KmsCryptoKey(
        this,
        "Default",
        transformed(props.transform?.key, {
          keyRing: props.keyRingId,
          name: props.purpose,
          purpose: "ENCRYPT_DECRYPT",
          rotationPeriod: ROTATION,
          destroyScheduledDuration: DESTRUCTION_DELAY,
        }),
      ),
    );
    let last: KmsCryptoKeyIamMember | undefined;
    for (const [user, member] of Object.entries(props.users)) {
      last = new KmsCryptoKeyIamMember(
        this,
        `${user}-member`,
        transformed(props.transform?.member, {
          cryptoKeyId: key.id,
          role: props.role,
          member,
          // One after another, so that who waits for the last waits for all.
          dependsOn: last === undefined ? undefined : [last],
        }),
      );
    }
    this.keyName = last?.cryptoKeyId ?? key.id;
    this.shortName = key.name;
  }
}
