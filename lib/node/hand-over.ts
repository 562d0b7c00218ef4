import type { Access } from "./access";
import type { ConsulAccess } from "./access-consul";
import type { NomadAccess } from "./access-nomad";
import { nodeFact } from "./access-props";
import { consulPolicyText, nomadPolicyText, vaultPolicyText } from "./access-rules";
import type { VaultAccess } from "./access-vault";
import type { Setting, VaultObject } from "./access-vault-objects";
import type { Product } from "./products";

/** One write to a product's HTTP API. Texts may hold facts that only the node knows (`nodeFact`). */
export interface ApiWrite {
  readonly method: "PUT" | "POST";
  /** Below `/v1/`. */
  readonly path: string;
  readonly body: { readonly [name: string]: Setting | readonly Setting[] };
  /** What a refusal says where the object is there already, which is as good. */
  readonly exists?: string;
}

/** What first boot writes to a product when it was just born, in this order. A second time changes nothing. */
export type HandOver = readonly ApiWrite[];

/** The hand-over of a product, or nothing where the cluster has none. */
export function handOver(who: Access, product: Product): HandOver | undefined {
  if (product === "vault") return who.vault && vaultHandOver(who.vault);
  if (product === "consul") return who.consul && consulHandOver(who.consul);
  return who.nomad && nomadHandOver(who.nomad);
}

/** A hand-over as it stands on a server: JSON, a write a line. */
export function handOverFile(writes: HandOver): string {
  return writes
    .map(({ method, path, body, exists }) => `${JSON.stringify([method, path, body, ...(exists ? [exists] : [])])}\n`)
    .join("");
}

function vaultHandOver({ objects }: VaultAccess): HandOver {
  return objects.map(vaultWrite);
}

function vaultWrite(object: VaultObject): ApiWrite {
  switch (object.kind) {
    case "audit":
      return put(`sys/audit/${object.path}`, { type: object.type, options: object.options }, "path already in use");
    case "mount":
      return post(`sys/mounts/${object.path}`, { type: object.type, ...object.settings }, "path is already in use");
    case "auth":
      return post(`sys/auth/${object.path}`, { type: object.type, ...object.settings }, "path is already in use");
    case "policy":
      return put(`sys/policies/acl/${object.name}`, { policy: vaultPolicyText(object.rules) });
    case "configuration":
      return post(object.path, object.settings, "options" in object.settings ? "check-and-set" : undefined);
    case "role":
      return post(`${object.mount}/${object.of.endsWith("-login") ? "role" : "roles"}/${object.name}`, object.settings);
  }
}

function consulHandOver({ policies, tokens }: ConsulAccess): HandOver {
  return [
    ...policies.map(({ name, description, rules }) =>
      put("acl/policy", { Name: name, Description: description, Rules: consulPolicyText(rules) }, "already exists"),
    ),
    ...tokens.map(({ name, description, policies: names }) =>
      put(
        "acl/token",
        { SecretID: nodeFact.token(name), Description: description, Policies: names.map((Name) => ({ Name })) },
        "already in use",
      ),
    ),
  ];
}

function nomadHandOver({ policies }: NomadAccess): HandOver {
  return policies.map(({ name, description, rules }) =>
    post(`acl/policy/${name}`, { Name: name, Description: description, Rules: nomadPolicyText(rules) }),
  );
}

function put(path: string, body: ApiWrite["body"], exists?: string): ApiWrite {
  return { method: "PUT", path, body, ...(exists === undefined ? {} : { exists }) };
}

function post(path: string, body: ApiWrite["body"], exists?: string): ApiWrite {
  return { ...put(path, body, exists), method: "POST" };
}
