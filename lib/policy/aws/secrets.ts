import type { PolicyRule } from "../rule";

/** Arguments that hold a secret and end up in state, and what to write instead. `.` leads into a block. */
const SECRET_ARGUMENTS: Record<string, Record<string, string>> = {
  aws_db_instance: { password: "password_wo, or manage_master_user_password" },
  aws_directory_service_directory: { password: "a directory made outside Terraform" },
  aws_dms_endpoint: { password: "secrets_manager_arn" },
  aws_docdb_cluster: { master_password: "master_password_wo, or manage_master_user_password" },
  aws_elasticache_replication_group: { auth_token: "user groups with IAM authentication" },
  aws_elasticache_user: { passwords: "authentication_mode iam" },
  aws_memorydb_user: { "authentication_mode.passwords": "authentication_mode iam" },
  aws_mq_broker: { "user.password": "a secret that is rotated outside Terraform" },
  aws_opensearch_domain: {
    "advanced_security_options.master_user_options.master_user_password": "master_user_arn",
  },
  aws_rds_cluster: { master_password: "master_password_wo, or manage_master_user_password" },
  aws_redshift_cluster: { master_password: "master_password_wo, or manage_master_password" },
  aws_redshiftserverless_namespace: { admin_user_password: "admin_user_password_wo, or manage_admin_password" },
  aws_secretsmanager_secret_version: { secret_string: "secret_string_wo", secret_binary: "secret_string_wo" },
};

export const secretArguments: PolicyRule = {
  id: "aws-secret-in-state",
  severity: "HIGH",
  title: "No secret is given as an argument that Terraform keeps in its state",
  why: "Whoever may read the state, or a plan file, reads the secret; it stays there in every old version.",
  fix: "use the write-only argument, with a value from an ephemeral resource",
  references: {
    url: "https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only",
  },
  resourceTypes: [...Object.keys(SECRET_ARGUMENTS), "aws_ssm_parameter"],
  *check(resource) {
    if (resource.type === "aws_ssm_parameter") {
      const isSecure = resource.text("type") === "SecureString";
      for (const attribute of ["value", "insecure_value"]) {
        if (isSecure && resource.has(attribute)) yield { attribute, given: HIDDEN, fix: "use value_wo" };
      }
      return;
    }
    for (const [path, instead] of Object.entries(SECRET_ARGUMENTS[resource.type] ?? {})) {
      const names = path.split(".");
      const argument = names.pop() ?? "";
      const holders = names.reduce((blocks, name) => blocks.flatMap((block) => block.blocks(name)), [
        resource,
      ] as ReturnType<typeof resource.blocks>);
      for (const holder of holders) {
        if (!holder.isUnknown && holder.has(argument))
          yield { attribute: holder.at(argument), given: HIDDEN, fix: `use ${instead}` };
      }
    }
  },
};

const HIDDEN = "a secret (not shown)";

export const secretRules: readonly PolicyRule[] = [secretArguments];
