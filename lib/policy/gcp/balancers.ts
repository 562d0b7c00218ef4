import type { PolicyRule } from "../rule";
import { isPresent, settingRule } from "../setting";
import type { SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const FORWARDING = ["google_compute_forwarding_rule", "google_compute_global_forwarding_rule"];
const BACKENDS = ["google_compute_backend_service", "google_compute_region_backend_service"];
const HTTPS_PROXIES = ["google_compute_target_https_proxy", "google_compute_region_target_https_proxy"];
const HTTP_PROXIES = ["google_compute_target_http_proxy", "google_compute_region_target_http_proxy"];
const SSL_POLICIES = ["google_compute_ssl_policy", "google_compute_region_ssl_policy"];

/** Whether what is said of a balancer's scheme faces the internet; a global one does where nothing is said. */
function isExternal(resource: SynthesizedResource): boolean {
  const byDefault = resource.type === "google_compute_region_backend_service" ? "INTERNAL" : "EXTERNAL";
  const scheme = resource.text("load_balancing_scheme") ?? byDefault;
  return scheme === "EXTERNAL" || scheme === "EXTERNAL_MANAGED";
}

function speaksHttp(backend: SynthesizedResource): boolean {
  const protocol = backend.text("protocol") ?? "HTTP";
  return protocol !== UNKNOWN && /^(HTTPS?|HTTP2|H2C|GRPC)$/.test(protocol);
}

const internal: PolicyRule = {
  id: "gcp-lb-internal",
  severity: "HIGH",
  title: "A load balancer does not face the internet",
  why: "Everybody can try what stands behind it: logins, and every flaw that is found in it later.",
  fix: "set load_balancing_scheme to INTERNAL or INTERNAL_MANAGED",
  references: { url: "https://cloud.google.com/load-balancing/docs/choosing-load-balancer" },
  resourceTypes: FORWARDING,
  *check(rule) {
    // An empty scheme is Private Service Connect's, which reaches Google's APIs from inside.
    if (isExternal(rule)) yield { attribute: "load_balancing_scheme", given: rule.value("load_balancing_scheme") };
  },
};

const armor: PolicyRule = {
  id: "gcp-lb-armor",
  severity: "MEDIUM",
  title: "A backend that faces the internet has a Cloud Armor policy",
  why: "It stops known attacks and floods before they reach a server.",
  fix: "set security_policy",
  references: { url: "https://cloud.google.com/armor/docs/security-policy-overview" },
  resourceTypes: BACKENDS,
  *check(backend) {
    if (isExternal(backend) && speaksHttp(backend) && !backend.has("security_policy")) {
      yield { attribute: "security_policy" };
    }
  },
};

const accessLogs = settingRule({
  id: "gcp-lb-access-logs",
  severity: "LOW",
  title: "A backend of an application load balancer writes access logs",
  why: "Without them nobody can say afterwards who asked for what.",
  fix: "add log_config with enable = true",
  references: { url: "https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring" },
  types: BACKENDS,
  path: "log_config.enable",
  right: [true],
  applies: speaksHttp,
});

const backendTls: PolicyRule = {
  id: "gcp-lb-backend-tls",
  severity: "MEDIUM",
  title: "An application load balancer reaches its backends over TLS",
  why: "Whoever is inside the network reads what people and machines sent over TLS.",
  fix: 'set protocol = "HTTPS"',
  references: { url: "https://cloud.google.com/load-balancing/docs/ssl-certificates/encryption-to-the-backends" },
  resourceTypes: BACKENDS,
  *check(backend) {
    const protocol = backend.text("protocol") ?? "HTTP";
    if (protocol === "HTTP" || protocol === "H2C") yield { attribute: "protocol", given: backend.value("protocol") };
  },
};

const plainProxy: PolicyRule = {
  id: "gcp-lb-plain-proxy",
  severity: "CRITICAL",
  title: "A proxy without TLS only sends people on to one with it",
  why: "Tokens and passwords can be read on the way.",
  fix: "use a target HTTPS proxy, or a URL map whose only content is default_url_redirect with https_redirect = true",
  references: { checkov: ["CKV2_GCP_37", "CKV2_GCP_38"] },
  resourceTypes: HTTP_PROXIES,
  *check(proxy) {
    if (proxy.text("url_map") === undefined) {
      yield { attribute: "url_map" };
      return;
    }
    for (const map of proxy.references("url_map")) {
      const redirects = map.blocks("default_url_redirect");
      const isSafe = redirects.some(
        (block) => block.boolean("https_redirect") === true || block.boolean("https_redirect") === UNKNOWN,
      );
      if (!isSafe || map.has("path_matcher")) yield { attribute: "url_map", given: map.address };
    }
  },
};

const proxyPolicy = settingRule({
  id: "gcp-lb-tls-policy",
  severity: "CRITICAL",
  title: "An HTTPS proxy has an SSL policy of one's own",
  why: "Google's default still takes TLS 1.0, which is broken and which RFC 8996 deprecates.",
  fix: "set ssl_policy to a google_compute_ssl_policy",
  references: { cis: ["GCP v5.0 3.11"] },
  types: HTTPS_PROXIES,
  path: "ssl_policy",
  right: isPresent,
});

const policyVersion = settingRule({
  id: "gcp-ssl-policy-version",
  severity: "CRITICAL",
  title: "An SSL policy takes TLS 1.2 or later only",
  why: "TLS 1.0 and 1.1 are broken, and RFC 8996 deprecates them.",
  fix: 'set min_tls_version = "TLS_1_2"',
  references: { trivy: ["GCP-0039"], checkov: ["CKV_GCP_4"], cis: ["GCP v5.0 3.11"] },
  types: SSL_POLICIES,
  path: "min_tls_version",
  byDefault: "TLS_1_0",
  right: ["TLS_1_2", "TLS_1_3"],
});

const policyProfile: PolicyRule = {
  id: "gcp-ssl-policy-profile",
  severity: "HIGH",
  title: "An SSL policy knows no weak ciphers",
  why: "Google's profile COMPATIBLE takes ciphers without forward secrecy: what is recorded today is read tomorrow.",
  fix: 'set profile to "MODERN" or "RESTRICTED"',
  references: { checkov: ["CKV_GCP_4"], cis: ["GCP v5.0 3.11"] },
  resourceTypes: SSL_POLICIES,
  *check(policy) {
    const profile = policy.text("profile") ?? "COMPATIBLE";
    if (profile === "COMPATIBLE") yield { attribute: "profile", given: policy.value("profile") };
    if (profile !== "CUSTOM") return;
    for (const cipher of policy.texts("custom_features")) {
      if (cipher !== UNKNOWN && /^TLS_RSA_/.test(cipher)) yield { attribute: "custom_features", given: cipher };
    }
  },
};

export const balancerRules: readonly PolicyRule[] = [
  internal,
  armor,
  accessLogs,
  backendTls,
  plainProxy,
  proxyPolicy,
  policyVersion,
  policyProfile,
];
