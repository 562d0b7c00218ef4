import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";

const transparency: PolicyRule = {
  id: "aws-certificate-transparency",
  severity: "LOW",
  title: "A certificate is written in the public logs of certificates",
  why: "Browsers refuse one that is not, and nobody notices one that somebody else was given for the same name.",
  fix: 'set options.certificate_transparency_logging_preference = "ENABLED", or leave it out',
  references: { checkov: ["CKV_AWS_234"] },
  resourceTypes: ["aws_acm_certificate"],
  *check(certificate) {
    const options = certificate.block("options");
    const preference = options?.text("certificate_transparency_logging_preference");
    if (preference === "DISABLED") {
      yield { attribute: "options.certificate_transparency_logging_preference", given: preference };
    }
  },
};

const replaced: PolicyRule = {
  id: "aws-certificate-replacement",
  severity: "LOW",
  title: "A certificate is replaced before the old one goes",
  why: "AWS refuses to delete a certificate that a listener uses: the apply stops half-way.",
  fix: "set lifecycle.create_before_destroy = true",
  references: { checkov: ["CKV_AWS_233"] },
  resourceTypes: ["aws_acm_certificate"],
  *check(certificate) {
    const value = certificate.block("lifecycle")?.boolean("create_before_destroy");
    if (value !== true && value !== UNKNOWN) yield { attribute: "lifecycle.create_before_destroy", given: value };
  },
};

export const certificateRules: readonly PolicyRule[] = [transparency, replaced];
