/** Machines of Azure, and recipes of them. */
export const LINUX = ["azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set"];
export const ORCHESTRATED = "azurerm_orchestrated_virtual_machine_scale_set";
export const MACHINES = [
  ...LINUX,
  ORCHESTRATED,
  "azurerm_windows_virtual_machine",
  "azurerm_windows_virtual_machine_scale_set",
];
