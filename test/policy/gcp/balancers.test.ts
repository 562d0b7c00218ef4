import { balancerRules } from "../../../lib/policy/gcp/balancers";
import { testRules } from "../rule-examples";

const forwarding = (attributes: object) => ({ resource: { google_compute_global_forwarding_rule: { f: attributes } } });
const backend = (attributes: object, type = "google_compute_backend_service") => ({
  resource: { [type]: { b: attributes } },
});
const onBackend = (attribute: string, given: unknown) =>
  `google_compute_backend_service.b ${attribute}: ${String(given)}`;
const policy = (attributes: object) => ({ resource: { google_compute_ssl_policy: { p: attributes } } });
const onPolicy = (attribute: string, given: unknown) => `google_compute_ssl_policy.p ${attribute}: ${String(given)}`;
const proxy = (map: object) => ({
  resource: {
    google_compute_target_http_proxy: { p: { url_map: "${google_compute_url_map.m.id}" } },
    google_compute_url_map: { m: map },
  },
});

testRules(balancerRules, {
  "gcp-lb-internal": {
    breaks: {
      "a rule alone": [forwarding({}), "google_compute_global_forwarding_rule.f load_balancing_scheme: nothing"],
      "one of the internet": [
        forwarding({ load_balancing_scheme: "EXTERNAL_MANAGED" }),
        'google_compute_global_forwarding_rule.f load_balancing_scheme: "EXTERNAL_MANAGED"',
      ],
    },
    holds: {
      "an internal one": forwarding({ load_balancing_scheme: "INTERNAL_MANAGED" }),
      "one of Private Service Connect": forwarding({ load_balancing_scheme: "" }),
    },
  },
  "gcp-lb-armor": {
    breaks: {
      "a public backend alone": [
        backend({ load_balancing_scheme: "EXTERNAL_MANAGED", protocol: "HTTPS" }),
        onBackend("security_policy", "nothing"),
      ],
    },
    holds: {
      "one with a policy": backend({ load_balancing_scheme: "EXTERNAL_MANAGED", security_policy: "${var.policy}" }),
      "an internal one": backend({ load_balancing_scheme: "INTERNAL_MANAGED" }),
      "an internal one by default": backend({}, "google_compute_region_backend_service"),
    },
  },
  "gcp-lb-access-logs": {
    breaks: { "a backend alone": [backend({}), onBackend("log_config.enable", "nothing")] },
    holds: { "one that logs": backend({ log_config: { enable: true } }) },
    exempts: { "one that passes TCP through": backend({ protocol: "TCP" }) },
  },
  "gcp-lb-backend-tls": {
    breaks: { HTTP: [backend({ protocol: "HTTP" }), onBackend("protocol", '"HTTP"')] },
    holds: { HTTPS: backend({ protocol: "HTTPS" }), "TCP that is passed through": backend({ protocol: "TCP" }) },
  },
  "gcp-lb-plain-proxy": {
    breaks: {
      "one that forwards": [
        proxy({ default_service: "${google_compute_backend_service.b.id}" }),
        'google_compute_target_http_proxy.p url_map: "google_compute_url_map.m"',
      ],
      "one that forwards some": [
        proxy({ default_url_redirect: { https_redirect: true, strip_query: false }, path_matcher: { name: "api" } }),
        'google_compute_target_http_proxy.p url_map: "google_compute_url_map.m"',
      ],
    },
    holds: { "one that sends on": proxy({ default_url_redirect: { https_redirect: true, strip_query: false } }) },
  },
  "gcp-lb-tls-policy": {
    breaks: {
      "a proxy alone": [
        { resource: { google_compute_region_target_https_proxy: { p: {} } } },
        "google_compute_region_target_https_proxy.p ssl_policy: nothing",
      ],
    },
    holds: {
      "one with a policy": {
        resource: { google_compute_target_https_proxy: { p: { ssl_policy: "${google_compute_ssl_policy.p.id}" } } },
      },
    },
  },
  "gcp-ssl-policy-version": {
    breaks: {
      "a policy alone": [policy({}), onPolicy("min_tls_version", "nothing")],
      "TLS 1.1": [policy({ min_tls_version: "TLS_1_1" }), onPolicy("min_tls_version", '"TLS_1_1"')],
    },
    holds: { "TLS 1.2": policy({ min_tls_version: "TLS_1_2" }) },
  },
  "gcp-ssl-policy-profile": {
    breaks: {
      "a policy alone": [policy({}), onPolicy("profile", "nothing")],
      "a weak cipher": [
        policy({
          profile: "CUSTOM",
          custom_features: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"],
        }),
        onPolicy("custom_features", '"TLS_RSA_WITH_AES_128_GCM_SHA256"'),
      ],
    },
    holds: {
      "modern ciphers": policy({ profile: "MODERN" }),
      "ciphers with forward secrecy": policy({
        profile: "CUSTOM",
        custom_features: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
      }),
    },
  },
});
