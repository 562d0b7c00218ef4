import type { Servers } from "./servers";

const KINDS = [
  ...["api-gateway", "file-system-certificate", "http-route", "terminating-gateway"],
  ...["service-defaults", "service-intentions", "service-resolver", "proxy-defaults"],
];

/** What the three products keep that somebody wrote, by names: what there is of rights, entries, services outside and jobs. */
export async function written({ vault, consul, nomad }: Servers) {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  const sorted = (found: readonly any[], of: (one: any) => string) => found.map(of).sort();
  const name = ({ Name }: { Name: string }) => Name;
  const entries = KINDS.map(async (kind) => [kind, sorted(await consul.must("GET", `config/${kind}`), name)] as const);
  const below = async (path: string): Promise<string[]> =>
    (await vault.find(`${path}?list=true`))?.data.keys.sort() ?? [];
  const jobs = await nomad.must("GET", "jobs?namespace=*");
  return {
    entries: Object.fromEntries(await Promise.all(entries)),
    consulPolicies: sorted(await consul.must("GET", "acl/policies"), name),
    consulRoles: sorted(await consul.must("GET", "acl/roles"), name),
    consulRules: sorted(
      await consul.must("GET", "acl/binding-rules"),
      ({ BindType, BindName, Selector }) => `${BindType} ${BindName}: ${Selector}`,
    ),
    consulNodes: sorted(await consul.must("GET", "catalog/nodes"), ({ Node }) => Node),
    vaultMounts: Object.keys((await vault.must("GET", "sys/mounts")).data).sort(),
    vaultPolicies: await below("sys/policies/acl"),
    vaultRoles: await below("auth/jwt-nomad/role"),
    nomadNamespaces: sorted(await nomad.must("GET", "namespaces"), name),
    nomadPolicies: sorted(await nomad.must("GET", "acl/policies"), name),
    nomadJobs: sorted(
      // biome-ignore lint/suspicious/noExplicitAny: as above
      jobs.filter(({ Stop }: any) => !Stop),
      ({ Namespace, ID }) => `${Namespace}/${ID}`,
    ),
  };
}

export type Written = Awaited<ReturnType<typeof written>>;

/** What is there now and was not before, and the other way round; kinds without a difference are left out. */
export function difference(before: Written, after: Written) {
  const flat = ({ entries, ...rest }: Written): Record<string, readonly string[]> => ({ ...entries, ...rest });
  const [then, now] = [flat(before), flat(after)];
  const without = (one: readonly string[] = [], other: readonly string[] = []) =>
    one.filter((name) => !other.includes(name));
  const all = Object.keys(now).map((kind) => {
    const gone = without(then[kind], now[kind]).map((name) => `- ${name}`);
    return [kind, [...without(now[kind], then[kind]), ...gone]] as const;
  });
  return Object.fromEntries(all.filter(([, names]) => names.length > 0));
}
