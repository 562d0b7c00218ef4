import type { CiRole, OidcTrust } from "../ci-trust";
import type { PolicyStatement } from "./policy-document";

/** The trust policy of a role for those who sign in with a token of CI's issuer. */
export function oidcTrustStatements(trust: OidcTrust, role: CiRole, providerArn: string): PolicyStatement[] {
  const issuer = issuerOf(trust.url);
  const statement = (sid: string, operator: "StringEquals" | "StringLike", subjects: readonly string[]) => ({
    sid,
    principals: { federated: [providerArn] },
    actions: ["sts:AssumeRoleWithWebIdentity"],
    conditions:
      operator === "StringEquals"
        ? { StringEquals: { [`${issuer}:aud`]: trust.audience, [`${issuer}:sub`]: subjects } }
        : { StringEquals: { [`${issuer}:aud`]: trust.audience }, StringLike: { [`${issuer}:sub`]: subjects } },
  });
  return [
    ...(trust.exact[role].length > 0 ? [statement("Pipelines", "StringEquals", trust.exact[role])] : []),
    ...(trust.like[role].length > 0 ? [statement("PipelinesOnAnyBranch", "StringLike", trust.like[role])] : []),
  ];
}

/** The trust policy of a role for given principals. */
export function arnTrustStatements(arns: readonly string[]): PolicyStatement[] {
  return [{ sid: "Trusted", principals: { aws: arns }, actions: ["sts:AssumeRole"] }];
}

/** An issuer as IAM's condition keys and ARNs name it. */
export function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, "").replace(/\/$/, "");
}
