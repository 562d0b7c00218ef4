import type { PolicyRule } from "../rule";
import { HIDDEN, type SecretArguments, secretArgumentsRule } from "../secret-arguments";

/** Arguments that hold a secret and end up in state, and what to write instead. `.` leads into a block. */
const SECRET_ARGUMENTS: SecretArguments = {
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

const written = secretArgumentsRule("aws-secret-in-state", SECRET_ARGUMENTS);

const secretInState: PolicyRule = {
  ...written,
  resourceTypes: [...written.resourceTypes, "aws_ssm_parameter"],
  *check(resource, stack) {
    yield* written.check(resource, stack);
    if (resource.type !== "aws_ssm_parameter" || resource.text("type") !== "SecureString") return;
    for (const attribute of ["value", "insecure_value"]) {
      if (resource.has(attribute)) yield { attribute, given: HIDDEN, fix: "use value_wo" };
    }
  },
};

export const secretRules: readonly PolicyRule[] = [secretInState];
