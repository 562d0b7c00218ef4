import type { DestroyWaiver } from "../config";
import type { StackPlan } from "./stack-plan";
import { destroys } from "./stack-plan";

/** Types of resources that hold what is lost for good with them: data, keys, and the state of others. */
const STATEFUL =
  /^(aws_(s3_bucket|kms_key|ebs_volume|efs_file_system|db_instance|rds_cluster|dynamodb_table|secretsmanager_secret|route53_zone|backup_vault)|google_(storage_bucket|kms_crypto_key|compute_disk|sql_database_instance|dns_managed_zone)|azurerm_(storage_account|key_vault|key_vault_key|managed_disk|dns_zone)|vault_mount|vault_pki_secret_backend_root_cert|nomad_(csi_volume|dynamic_host_volume))$/;

/**
 * What a plan would destroy that keeps data, unless `caravan.json` allows it, with a reason and an end.
 *
 * @param today The day, `"2026-01-31"`.
 */
export function statefulDestroys(
  plans: readonly StackPlan[],
  waivers: readonly DestroyWaiver[],
  today: string,
): string[] {
  return plans.flatMap(({ stack, meaning }) =>
    (meaning?.changes ?? [])
      .filter((change) => destroys(change) && STATEFUL.test(typeOf(change.address)))
      .flatMap(({ verb, address }) => {
        const waiver = waivers.find((each) => each.stack === stack && each.address === address);
        if (waiver !== undefined && waiver.until >= today) return [];
        const late = waiver === undefined ? "" : ` (its allowance ended on ${waiver.until})`;
        return [
          `${stack}: ${verb} ${address} loses data for good${late}. If that is meant, say so in caravan.json: allowDestroy, with a reason and an end.`,
        ];
      }),
  );
}

/** The type in an address: `module.a["b.c"].aws_vpc.main[0]` is an `aws_vpc`. */
function typeOf(address: string): string {
  const parts = address
    .replace(/\[("([^"\\]|\\.)*"|\d+)\]/g, "")
    .replace(/ \(deposed .*$/, "")
    .split(".");
  return parts.at(-2) ?? "";
}
