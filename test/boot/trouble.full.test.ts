import { expect, test } from "vitest";
import { products } from "../../lib/node";
import type { Scope } from "../support/scope";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import type { Service } from "./cloud";
import { Cluster, type ClusterOptions } from "./cluster";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { leader, voters } from "./raft";
import { goOn, type Step, steps, stopAt, stopped } from "./stop-at";

const MINUTE = 60_000;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const stepOf = (name: string) => steps.find((step) => step.name === name) as Step;

/** A lone server that stands at a step. */
async function atStep(scope: Scope, programs: ClusterOptions["programs"], name: string, diskSize?: string) {
  const servers = { main: { count: 1, runs: products } } as const;
  const differs = () => ({ files: stopAt(stepOf(name)), ...(diskSize === undefined ? {} : { diskSize }) });
  const cluster = await Cluster.launch(scope, { servers, programs, differs });
  return { cluster, host: await stopped(cluster, stepOf(name), 3 * MINUTE) };
}

/** Waits until all is well again, and says how long that took and what first boot had said meanwhile. */
async function recovered(what: string, cluster: Cluster, host: Host, count: number): Promise<string> {
  const from = Date.now();
  await cluster.born(5 * MINUTE);
  await voters(host, count);
  const said = await host.exec("journalctl", "--no-pager", "-q", "-o", "cat", "-u", "caravan-first-boot.service");
  console.log(
    `${what}: healthy ${((Date.now() - from) / 1000).toFixed(0)} s after it was over; first boot said:\n${said}`,
  );
  return said;
}

describeWith("trouble in first boot", { ...hostNeeds, ...productNeeds }, (programs) => {
  const scope = suiteScope();
  const absences: readonly (readonly [string, Service, "refuses" | "is silent", string, RegExp])[] = [
    ["the bucket", "s3", "refuses", "vault: claim not made", /cannot (create|list|read) \S+ in the bucket \S+: curl: /],
    [
      "the secret store",
      "secretsmanager",
      "is silent",
      "document: bootstrap tokens not stored",
      /secretsmanager does not answer, try 1 of 4: curl: .*timed out/,
    ],
    [
      "KMS",
      "kms",
      "refuses",
      "vault: claimed, nothing started",
      /waiting up to 120 s: Vault answers. Last answer: curl: /,
    ],
  ];
  // All but the last wait most of the time: they run at once, each in a room of its own.
  test.concurrent.each(absences)("%s is away for a minute", async (what, service, how, step, line) => {
    const { cluster, host } = await atStep(scope, programs, step);
    const bringBack = cluster.cloud.takeAway(service, how);
    await goOn(host);
    await pause(MINUTE);
    bringBack();
    expect(await recovered(what, cluster, host, 1)).toMatch(line);
  });

  test.concurrent("certificates are not valid yet for two minutes", async () => {
    const servers = { main: { count: 1, runs: products } } as const;
    const ahead = '#!/bin/sh\nexec faketime -f +2m /usr/bin/openssl "$@"\n';
    const differs = () => ({ files: { "usr/local/sbin/openssl": { content: ahead, executable: true } } });
    const cluster = await Cluster.launch(scope, { servers, programs, differs });
    const [host] = cluster.servers as [Host];
    const said = await recovered("certificates", cluster, host, 1);
    expect(said).toMatch(/waiting up to 120 s: Vault answers. Last answer: .*not yet valid/);
  });

  test.concurrent("the disk is full", async () => {
    const { cluster, host } = await atStep(scope, programs, "vault: started, not initialised", "1G");
    await host.exec("sh", "-c", "cat /dev/zero > /var/filler 2>/dev/null; df /var");
    await goOn(host);
    await pause(MINUTE);
    await host.exec("rm", "/var/filler");
    expect(await recovered("disk", cluster, host, 1)).toMatch(/no room for Vault's keys|cannot write/);
  });

  test("a node is cut off for a minute, in first boot and later", async () => {
    const servers = { main: { count: 3, runs: products } } as const;
    const step = stepOf("vault: recovery keys stored, nothing handed over");
    const cluster = await Cluster.launch(scope, { servers, programs, differs: () => ({ files: stopAt(step) }) });
    const holder = await stopped(cluster, step, 3 * MINUTE);
    await holder.cut();
    await goOn(holder);
    await pause(MINUTE);
    await holder.plugIn();
    await recovered("cut off in first boot", cluster, holder, 3);
    expect(await cluster.objects("vault-init/")).toEqual(["vault-init/1"]);

    const leads = await leader(cluster.servers, "consul");
    const others = cluster.servers.filter((host) => host !== leads);
    await leads.cut();
    const from = Date.now();
    await expect
      .poll(
        () =>
          leader(others, "consul").then(
            () => true,
            () => false,
          ),
        { timeout: MINUTE, interval: 250 },
      )
      .toBe(true);
    console.log(`another leads Consul ${((Date.now() - from) / 1000).toFixed(1)} s after its leader was cut off`);
    await pause(MINUTE - (Date.now() - from));
    await leads.plugIn();
    await recovered("cut off later", cluster, leads, 3);
  });
});
