import {
  WebApplicationFirewallPolicy,
  type WebApplicationFirewallPolicyConfig,
  type WebApplicationFirewallPolicyManagedRules,
} from "@cdktf/provider-azurerm/lib/web-application-firewall-policy";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { networkResourceName } from "./names";
import type { AzurePlace } from "./place";

export interface AzurePeopleWafProps extends Pick<AzurePlace, "environment" | "region" | "resourceGroup"> {
  readonly mode: "prevention" | "detection";
  readonly transform?: Transform<WebApplicationFirewallPolicyConfig>;
}

/** https://learn.microsoft.com/en-us/azure/web-application-firewall/ag/application-gateway-crs-rulegroups-rules */
const RULE_SETS = [
  { type: "Microsoft_DefaultRuleSet", version: "2.1" },
  { type: "Microsoft_BotManagerRuleSet", version: "1.0" },
] as const;

/** Headers that hold a token: random letters in which a rule may find anything, and which no log may hold. */
const TOKENS = ["X-Vault-Token", "X-Consul-Token", "X-Nomad-Token", "Authorization"];

/**
 * The web application firewall of people's gateway: a policy for applications with everything, and one for the products, which
 * take what looks like an attack: jobs and policies are programs, in bodies of any size, and their APIs use every method. That
 * policy looks at paths, arguments and headers; tokens it neither judges nor writes down.
 */
export class AzurePeopleWaf extends Construct {
  readonly appsPolicyId: string;
  readonly productsPolicyId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzurePeopleWafProps,
  ) {
    super(scope, id);
    this.appsPolicyId = this.add("apps", { managedRuleSet: RULE_SETS.map((set) => ({ ...set })) }, {});
    const [general, ...others] = RULE_SETS;
    this.productsPolicyId = this.add(
      "products",
      {
        managedRuleSet: [
          {
            ...general,
            ruleGroupOverride: [{ ruleGroupName: "METHOD-ENFORCEMENT", rule: [{ id: "911100", enabled: false }] }],
          },
          ...others,
        ],
        exclusion: TOKENS.map((selector) => ({
          matchVariable: "RequestHeaderNames",
          selectorMatchOperator: "Equals",
          selector,
        })),
      },
      { requestBodyCheck: false, requestBodyEnforcement: false, fileUploadEnforcement: false },
    );
  }

  private add(
    name: "apps" | "products",
    managedRules: WebApplicationFirewallPolicyManagedRules,
    bodies: WebApplicationFirewallPolicyConfig["policySettings"],
  ): string {
    const { environment, region, resourceGroup, mode, transform } = this.props;
    const policy = new WebApplicationFirewallPolicy(
      this,
      name,
      transformed(transform, {
        name: networkResourceName(environment, "people", name),
        resourceGroupName: resourceGroup,
        location: region,
        managedRules,
        policySettings: {
          enabled: true,
          mode: mode === "prevention" ? "Prevention" : "Detection",
          ...bodies,
          logScrubbing: {
            enabled: true,
            rule: TOKENS.map((selector) => ({
              enabled: true,
              matchVariable: "RequestHeaderNames",
              selectorMatchOperator: "Equals",
              selector,
            })),
          },
        },
      }),
    );
    if (policy.policySettingsInput?.mode === "Detection") {
      waiveByChoice(policy, {
        rule: "azure-waf-prevention",
        prop: "waf",
        reason: 'waf "detection": what it finds is written down, not stopped',
      });
    }
    return policy.id;
  }
}
