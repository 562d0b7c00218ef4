import { AcmCertificate, type AcmCertificateConfig } from "@cdktf/provider-aws/lib/acm-certificate";
import {
  AcmCertificateValidation,
  type AcmCertificateValidationConfig,
} from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record, type Route53RecordConfig } from "@cdktf/provider-aws/lib/route53-record";
import { ref } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { listOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { hostedZoneId } from "./rules";

export interface AwsCertificateProps {
  /** The names it holds, the first at most 64 characters long: `["caravan.example.com", "*.apps.caravan.example.com"]`. */
  readonly names: readonly string[];
  /** Id of the public zone that answers for all of them. */
  readonly zoneId: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly certificate?: Transform<AcmCertificateConfig>;
    /** Laid on each of the records that prove the names. */
    readonly record?: Transform<Route53RecordConfig>;
    readonly validation?: Transform<AcmCertificateValidationConfig>;
  };
}

/** X.509's own limit for a common name, which ACM keeps: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html */
const COMMON_NAME_LENGTH = 64;
const RECORD_TTL_SECONDS = 300;

/**
 * A certificate of ACM that browsers trust. Its names are proved by records in the zone, which stay there: ACM renews it for
 * ever by itself.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsCertificate extends Construct {
  /** Known once the certificate is issued. */
  readonly arn: string;

  constructor(scope: Construct, id: string, props: AwsCertificateProps) {
    const check = new PropsCheck("AwsCertificate", scope, id);
    check.required("zoneId", props.zoneId, hostedZoneId);
    check.required("names", props.names, listOf(1, 10, "names"));
    const [domain = "", ...others] = props.names ?? [];
    if (domain.length > COMMON_NAME_LENGTH) {
      check.add({
        property: "names[0]",
        given: domain,
        allowed: `at most ${COMMON_NAME_LENGTH} characters in the first name`,
        fix: "put a shorter name first",
      });
    }
    check.done();
    super(scope, id);
    const { zoneId, transform } = props;
    const certificate = new AcmCertificate(
      this,
      "Default",
      transformed(transform?.certificate, {
        domainName: domain,
        subjectAlternativeNames: [...others],
        validationMethod: "DNS",
        options: { certificateTransparencyLoggingPreference: "ENABLED" },
        // A listener must not be without one.
        lifecycle: { createBeforeDestroy: true },
      }),
    );
    const records = props.names.map((name) => {
      // The options are a set that only Terraform knows; each is found by its name.
      const option = (attribute: string) =>
        ref(
          `one([for option in ${certificate.fqn}.domain_validation_options : option.${attribute} if option.domain_name == ${JSON.stringify(name)}])`,
        );
      return new Route53Record(
        this,
        `proof-${name.replace("*", "any")}`,
        transformed(transform?.record, {
          zoneId,
          name: hcl.callString("tostring", option("resource_record_name")),
          type: hcl.callString("tostring", option("resource_record_type")),
          records: [hcl.callString("tostring", option("resource_record_value"))],
          ttl: RECORD_TTL_SECONDS,
          allowOverwrite: true,
        }),
      );
    });
    this.arn = new AcmCertificateValidation(
      this,
      "validation",
      transformed(transform?.validation, {
        certificateArn: certificate.arn,
        validationRecordFqdns: records.map((record) => record.fqdn),
      }),
    ).certificateArn;
  }
}
