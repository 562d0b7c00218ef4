import type { PropsCheck } from "../core/errors";
import type { ApplicationSupportStackProps } from "./application-support-props";
import { checkObservability } from "./observability/observability";
import { checkRoutes } from "./routes";

/** Checks everything that an application support is given, and tells all mistakes together. */
export function checkApplicationSupport(check: PropsCheck, props: ApplicationSupportStackProps): void {
  const { platform, infrastructure, environment } = props;
  if (!checkContract(check, "platform", "the contract of a platform", platform, environment?.name)) return;
  checkContract(check, "infrastructure", "the contract of an infrastructure", infrastructure, environment?.name);
  for (const product of ["consul", "nomad"] as const) {
    if (platform.static.products.includes(product)) continue;
    const allowed = "a platform with Vault, Consul and Nomad";
    const fix = `add ${product}, or do without this layer`;
    check.add({ property: "platform.static.products", given: platform.static.products, allowed, fix });
  }
  if (props.observability !== undefined) checkObservability(check.under("observability"), props.observability);
  checkRoutes(check, "routes", props.routes ?? [], platform.static.teams);
  if (platform.static.appsDomain === undefined && (props.routes ?? []).length > 0) {
    const allowed = "no route where applications have no domain";
    check.add({ property: "routes", given: props.routes, allowed, fix: "give the infrastructure a domain" });
  }
}

function checkContract(
  check: PropsCheck,
  property: string,
  allowed: string,
  contract: { readonly static: { readonly environment: string } } | undefined,
  environment: string | undefined,
): boolean {
  const known = contract?.static;
  if (known === undefined) {
    const fix = `give ${property}.contract, or the one of another repository`;
    check.add({ property, given: contract, allowed, fix });
    return false;
  }
  if (known.environment !== environment) {
    const fix = "give the contract of this environment";
    const place = `${property}.static.environment`;
    check.add({ property: place, given: known.environment, allowed: `"${environment}", as this stack`, fix });
  }
  return true;
}
