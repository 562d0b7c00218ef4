import { nomadTenancyRules } from "../../../lib/policy/nomad/tenancy";
import { testRules } from "../rule-examples";

const namespace = (capabilities?: object) => ({
  resource: { nomad_namespace: { n: { name: "shop", ...(capabilities === undefined ? {} : { capabilities }) } } },
});
const at = "nomad_namespace.n capabilities";

testRules(nomadTenancyRules, {
  "nomad-raw-exec": {
    breaks: {
      "what nodes have": [namespace(), `${at}.disabled_task_drivers: nothing`],
      "by name": [namespace({ enabled_task_drivers: ["docker", "raw_exec"] }), `${at}.disabled_task_drivers: nothing`],
      "another is off": [namespace({ disabled_task_drivers: ["java"] }), `${at}.disabled_task_drivers: ["java"]`],
    },
    holds: {
      off: namespace({ disabled_task_drivers: ["raw_exec"] }),
      "others by name": namespace({ enabled_task_drivers: ["docker"] }),
    },
  },
  "nomad-host-network": {
    breaks: { "every mode": [namespace({}), `${at}.disabled_network_modes: nothing`] },
    holds: {
      off: namespace({ disabled_network_modes: ["host"] }),
      "others by name": namespace({ enabled_network_modes: ["bridge", "cni/*"] }),
    },
  },
});
