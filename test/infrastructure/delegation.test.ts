import { App } from "cdktf";
import { GcpInfrastructureStack } from "cdktf-caravan/gcp";
import { Template } from "cdktf-caravan/testing";
import { expect, test } from "vitest";
import { LocalState } from "../../lib";

test("a signed zone that somebody delegates by hand prints its name servers and the key that makes it trusted", () => {
  const stack = new GcpInfrastructureStack(new App(), "prod-infrastructure", {
    environment: { name: "prod", state: new LocalState() },
    project: "acme-caravan-prod",
    region: "europe-west1",
    images: { x86_64: "projects/debian-cloud/global/images/debian-12-bookworm-v20261110" },
    domain: "caravan.example.com",
  });
  const template = Template.of(stack);
  const [zone] = template.resources("google_dns_managed_zone").filter(({ address }) => address.includes("edge_dns"));
  const [keys] = template.resources("data.google_dns_keys");
  expect(template.output("domain_delegation")).toMatchObject({
    value: {
      name: "caravan.example.com",
      type: "NS",
      records: `\${${zone?.address}.name_servers}`,
      ds: `\${${keys?.address}.key_signing_keys[0].ds_record}`,
    },
  });
});
