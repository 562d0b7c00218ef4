import type { PolicyRule } from "../rule";
import { secretArgumentsRule } from "../secret-arguments";

const secretInState = secretArgumentsRule("gcp-secret-in-state", {
  google_compute_backend_service: { "iap.oauth2_client_secret": "Google's own OAuth client for IAP" },
  google_compute_vpn_tunnel: { shared_secret: "a tunnel with Cloud Interconnect" },
  google_secret_manager_regional_secret_version: { secret_data: "secret_data_wo" },
  google_secret_manager_secret_version: { secret_data: "secret_data_wo" },
  google_sql_database_instance: { root_password: "IAM database authentication" },
  google_sql_user: { password: "password_wo, or IAM database authentication" },
});

export const secretRules: readonly PolicyRule[] = [secretInState];
