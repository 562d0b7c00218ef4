import { resolve } from "node:path";
import type { TerraformJson } from "./terraform-json";

/** Where a stack's state is kept, as its Terraform JSON says. */
export type Backend =
  | { readonly kind: "local" /** The state's file, absolute. */; readonly path: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly region: string;
      readonly key: string;
      /** An S3-compatible store's address. */
      readonly endpoint?: string;
    }
  | { readonly kind: "gcs"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "azurerm"; readonly account: string; readonly container: string; readonly key: string }
  | { readonly kind: "other"; readonly type: string };

/** The backend of a stack. Without one Terraform keeps `terraform.tfstate` beside the configuration. */
export function backendOf(terraform: TerraformJson, directory: string): Backend {
  const [type = "local", given = {}] = Object.entries(terraform.terraform?.backend ?? {})[0] ?? [];
  const text = (name: string) => {
    const value = given[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  if (type === "local") return { kind: "local", path: resolve(directory, text("path") ?? "terraform.tfstate") };
  const [account, container, prefix] = [text("storage_account_name"), text("container_name"), text("prefix")];
  const [bucket, region, key] = [text("bucket"), text("region"), text("key")];
  if (type === "gcs" && bucket !== undefined) return { kind: "gcs", bucket, prefix: prefix ?? "" };
  if (type === "azurerm" && account !== undefined && container !== undefined && key !== undefined) {
    return { kind: "azurerm", account, container, key };
  }
  if (type !== "s3" || bucket === undefined || region === undefined || key === undefined)
    return { kind: "other", type };
  const endpoints = given["endpoints"] as Readonly<Record<string, unknown>> | undefined;
  const endpoint = text("endpoint") ?? (typeof endpoints?.["s3"] === "string" ? endpoints["s3"] : undefined);
  return { kind: "s3", bucket, region, key, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** The backend in words: `s3://acme-state/prod-platform.tfstate`. */
export function backendText(backend: Backend): string {
  switch (backend.kind) {
    case "local":
      return backend.path;
    case "s3":
      return `s3://${backend.bucket}/${backend.key}`;
    case "gcs":
      return `gs://${backend.bucket}/${backend.prefix}`;
    case "azurerm":
      return `https://${backend.account}.blob.core.windows.net/${backend.container}/${backend.key}`;
    case "other":
      return backend.type;
  }
}
