import type { PropsCheck } from "../../core/errors";
import { integer, matching, oneOf } from "../../core/rules";
import { duration, parseDuration } from "../../core/values";
import type { Intention, Mesh } from "./mesh";
import { DEFAULT_MESH_ROOTS, type MeshAuthMethod, type MeshAuthority } from "./mesh-authority";
import type { ServiceEntries } from "./service-entries";

const protocols = ["tcp", "http", "http2", "grpc"] as const;

const callerName = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "a service's name of lower-case letters, digits and hyphens",
  'use a name such as "shop-api"',
);

/** Checks what a mesh is given. `needsAuthMethod`: this layer does not know how Consul's servers sign in to Vault. */
export function checkMesh(check: PropsCheck, mesh: Mesh, needsAuthMethod: boolean): void {
  check.optional("protocol", mesh.protocol, oneOf(protocols));
  check.optional("tlsMinVersion", mesh.tlsMinVersion, oneOf(["TLSv1_2", "TLSv1_3"]));
  check.optional("meshGateway", mesh.meshGateway, oneOf(["none", "local", "remote"]));
  if (mesh.authority !== undefined) {
    checkAuthority(check.under("authority"), mesh.authority, needsAuthMethod);
  }
  checkIntentions(check, mesh.intentions ?? []);
  for (const [name, entries] of Object.entries(mesh.services ?? {})) {
    check.required(`services["${name}"]`, name, callerName);
    checkEntries(check.under(`services["${name}"]`), entries, mesh.protocol ?? "http");
  }
}

function checkAuthority(check: PropsCheck, authority: MeshAuthority, needsAuthMethod: boolean): void {
  const { roots = DEFAULT_MESH_ROOTS, active, leafCertTtl = "72h", intermediateCertTtl = "8760h" } = authority;
  const names = Object.keys(roots);
  for (const [name, { lifetime }] of Object.entries(roots)) {
    const allowed = "a name of lower-case letters, digits and hyphens";
    check.required(`roots["${name}"]`, name, matching(/[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?/, allowed, 'use "2"'));
    check.optional(`roots["${name}"].lifetime`, lifetime, duration({ min: "30d", unit: "s" }));
  }
  if (names.length === 0) {
    check.add({ property: "roots", given: roots, allowed: "one root or more", fix: 'write { "1": {} }' });
  } else if (active === undefined ? names.length > 1 : !names.includes(active)) {
    const allowed = `the name of a root: ${names.map((name) => `"${name}"`).join(", ")}`;
    check.add({ property: "active", given: active, allowed, fix: "say which root signs" });
  }
  // Consul's own bounds: https://developer.hashicorp.com/consul/docs/secure-mesh/certificate/vault
  const isLeaf = check.required("leafCertTtl", leafCertTtl, duration({ min: "1h", max: "8760h", unit: "s" }));
  const isIntermediate = check.required("intermediateCertTtl", intermediateCertTtl, duration({ unit: "s" }));
  if (isLeaf && isIntermediate && parseDuration(intermediateCertTtl, "s") < 3 * parseDuration(leafCertTtl, "s")) {
    const allowed = "three times leafCertTtl, or more";
    check.add({ property: "intermediateCertTtl", given: intermediateCertTtl, allowed, fix: "raise it" });
  }
  if (authority.authMethod !== undefined) checkAuthMethod(check.under("authMethod"), authority.authMethod);
  else if (needsAuthMethod) {
    const allowed = "how Consul's servers sign in to Vault";
    const fix = 'write { type: "approle", roleIdFile: "/run/secrets/vault/role-id", ... }';
    check.add({ property: "authMethod", given: undefined, allowed, fix });
  }
}

/** Consul reads no file elsewhere, as a configuration could then show any (CVE-2026-2808). */
const secretFile = matching(
  /(\/var)?\/run\/secrets\/[\w./-]+/,
  "a file below /run/secrets on Consul's servers",
  'write "/run/secrets/vault/role-id"',
);

const roleName = matching(/[\w.-]{1,128}/, "the name of a role of Vault", 'write "mesh-authority"');

function checkAuthMethod(check: PropsCheck, method: MeshAuthMethod): void {
  if (!check.required("type", method.type, oneOf(["aws", "approle", "kubernetes", "jwt"]))) return;
  const mount = matching(/[\w-]+(\/[\w-]+)*/, "the path of an auth method", 'write "approle"');
  check.optional("mountPath", method.mountPath, mount);
  if (method.type === "approle") {
    check.required("roleIdFile", method.roleIdFile, secretFile);
    check.optional("secretIdFile", method.secretIdFile, secretFile);
    return;
  }
  check.required("role", method.role, roleName);
  if (method.type === "jwt") check.required("tokenFile", method.tokenFile, secretFile);
  if (method.type === "aws") {
    check.required(
      "region",
      method.region,
      matching(/[a-z]{2}(-[a-z]+)+-\d/, "a region of AWS", 'write "eu-central-1"'),
    );
  }
}

function checkIntentions(check: PropsCheck, intentions: readonly Intention[]): void {
  const seen = new Set<string>();
  for (const [index, { from, to, action, http }] of intentions.entries()) {
    const at = `intentions[${index}]`;
    for (const [name, value] of [
      ["from", from],
      ["to", to],
    ] as const) {
      if (value !== "*") check.required(`${at}.${name}`, value, callerName);
    }
    check.optional(`${at}.action`, action, oneOf(["allow", "deny"]));
    if (from === "*" && to === "*" && action !== "deny") {
      const allowed = "no connection from everything to everything";
      check.add({ property: at, given: { from, to }, allowed, fix: "name the service that calls, or the one called" });
    }
    if (action !== undefined && http !== undefined) {
      const allowed = "an action, or rules for HTTP";
      check.add({ property: `${at}.action`, given: action, allowed, fix: "remove one of them" });
    }
    const key = `${from} to ${to}`;
    if (seen.has(key)) {
      check.add({ property: at, given: { from, to }, allowed: "each connection once", fix: "remove the second" });
    }
    seen.add(key);
  }
}

function checkEntries(
  check: PropsCheck,
  { defaults, splitter, router, resolver }: ServiceEntries,
  fallback: string,
): void {
  const protocol = defaults?.Protocol ?? fallback;
  check.optional("defaults.Protocol", defaults?.Protocol, oneOf(protocols));
  if (protocol === "tcp" && (splitter !== undefined || router !== undefined)) {
    const allowed = "requests of HTTP to split or to route; of TCP Consul sees none";
    check.add({ property: "defaults.Protocol", given: protocol, allowed, fix: 'write "http", or remove them' });
  }
  const weights = splitter?.Splits.map(({ Weight }) => Weight) ?? [];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (splitter !== undefined && Math.abs(sum - 100) > 0.005) {
    check.add({
      property: "splitter.Splits",
      given: weights,
      allowed: "weights that are 100 together",
      fix: "mend one",
    });
  }
  for (const [index, { Destination }] of (router?.Routes ?? []).entries()) {
    check.optional(`router.Routes[${index}].Destination.NumRetries`, Destination?.NumRetries, integer(0, 100));
  }
  const subsets = Object.keys(resolver?.Subsets ?? {});
  const { DefaultSubset } = resolver ?? {};
  if (DefaultSubset !== undefined && !subsets.includes(DefaultSubset)) {
    const allowed = `a subset that stands there: ${subsets.join(", ") || "none does"}`;
    check.add({ property: "resolver.DefaultSubset", given: DefaultSubset, allowed, fix: "define it in Subsets" });
  }
}
