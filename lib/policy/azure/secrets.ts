import type { PolicyRule } from "../rule";
import { secretArgumentsRule } from "../secret-arguments";

const secretInState = secretArgumentsRule("azure-secret-in-state", {
  azurerm_key_vault_secret: { value: "value_wo" },
  azurerm_linux_virtual_machine: { admin_password: "an SSH key, or no password at all" },
  azurerm_linux_virtual_machine_scale_set: { admin_password: "an SSH key, or no password at all" },
  azurerm_mssql_server: { administrator_login_password: "administrator_login_password_wo" },
  azurerm_mysql_flexible_server: { administrator_password: "administrator_password_wo" },
  azurerm_postgresql_flexible_server: { administrator_password: "administrator_password_wo" },
  azurerm_virtual_network_gateway_connection: { shared_key: "a connection with certificates" },
  azurerm_windows_virtual_machine: { admin_password: "a machine image with its own sign-in" },
  azurerm_windows_virtual_machine_scale_set: { admin_password: "a machine image with its own sign-in" },
});

export const secretRules: readonly PolicyRule[] = [secretInState];
