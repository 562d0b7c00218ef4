import { existsSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { Scope, suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Cloud } from "./cloud";
import { Host } from "./host";
import { hostNeeds } from "./needs";
import { Network } from "./network";
import { timed } from "./timed";
import { debianTree } from "./tree";

const userData = `#cloud-config
write_files:
- path: /etc/systemd/system/greeter.service
  content: |
    [Service]
    Type=oneshot
    RemainAfterExit=yes
    StandardOutput=journal+console
    ExecStart=/bin/sh -c "echo greetings from $(hostname)"
    [Install]
    WantedBy=multi-user.target
- path: /etc/greeting
  permissions: '0640'
  content: hello
runcmd:
- systemctl enable --now greeter.service
`;

describeWith("hosts", hostNeeds, () => {
  const scope = suiteScope();
  let cloud: Cloud;
  let one: Host;
  let two: Host;

  beforeAll(async () => {
    const tree = await timed("Debian tree", debianTree());
    cloud = await timed(
      "AWS",
      Network.open(scope).then((network) => Cloud.start(scope, network, "eu-central-1")),
    );
    await cloud.role("node");
    const launch = async (name: string) => {
      const data = { userData: Buffer.from(userData), tags: { name } };
      const host = await Host.launch(scope, cloud, name, { tree, role: "node", ...data });
      await host.cloudInit();
      return host;
    };
    [one, two] = await timed("two hosts, cloud-init done", Promise.all([launch("one"), launch("two")]));
  }, 600_000);

  test("have what their user data says", async () => {
    expect(await one.exec("cloud-init", "query", "cloud_name")).toBe("aws\n");
    expect(await one.exec("stat", "-c", "%a %U", "/etc/greeting")).toBe("640 root\n");
    expect(await one.journal("greeter.service")).toContain("greetings from ip-10-213-");
    expect(two.console).toContain("greetings from");
    const ids = await Promise.all([one, two].map((host) => host.exec("cloud-init", "query", "instance_id")));
    expect(ids).toEqual([`${one.instance.instanceId}\n`, `${two.instance.instanceId}\n`]);
    expect(await one.exec("cat", "/etc/machine-id")).not.toBe(await two.exec("cat", "/etc/machine-id"));
  });

  test("are told about themselves, with a session's token only", async () => {
    const script = `
      base=http://169.254.169.254/latest
      curl -s -o /dev/null -w '%{http_code} ' $base/meta-data/instance-id
      token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)
      curl -sf -H "X-aws-ec2-metadata-token: $token" $base/dynamic/instance-identity/document | jq -r .privateIp
      curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/tags/instance/name`;
    expect(await one.exec("sh", "-c", script)).toBe(`401 ${one.address}\none`);
    expect(await two.exec("sh", "-c", script)).toBe(`401 ${two.address}\ntwo`);
  });

  test("are known to AWS, at its own names, by the role of their instance", async () => {
    const script = `
      base=http://169.254.169.254/latest
      token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)
      curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/node > /root/credentials
      curl -sf --aws-sigv4 aws:amz:eu-central-1:sts -u "$(jq -r '.AccessKeyId + ":" + .SecretAccessKey' /root/credentials)" \\
        -H "X-Amz-Security-Token: $(jq -r .Token /root/credentials)" \\
        -d 'Action=GetCallerIdentity&Version=2011-06-15' https://sts.eu-central-1.amazonaws.com/`;
    const arn = `arn:aws:sts::${cloud.account}:assumed-role/node/${one.instance.instanceId}`;
    expect(await one.exec("bash", "-c", script)).toContain(`<Arn>${arn}</Arn>`);
  });

  test("have control groups of their own", async () => {
    for (const host of [one, two]) {
      const { stderr } = await host.try("systemctl", "status", "--no-pager", "systemd-journald.service");
      expect(stderr).toBe("");
      expect(await host.exec("systemctl", "show", "--value", "-p", "TasksCurrent", "systemd-journald")).not.toBe("0\n");
    }
  });

  test("ask AWS in vain for what is taken away, until it is back", async () => {
    const ask = ["curl", "-s", "-o", "/dev/null", "-m", "2", "https://kms.eu-central-1.amazonaws.com/"] as const;
    for (const [how, code] of [
      ["refuses", 52],
      ["is silent", 28],
    ] as const) {
      const bringBack = cloud.takeAway("kms", how);
      expect((await one.try(...ask)).code).toBe(code);
      bringBack();
      expect((await one.try(...ask)).code).toBe(0);
    }
    expect(cloud.answered.at(-1)).toMatchObject({ from: one.address, service: "kms", method: "GET" });
  });

  test("boot again with their disk after a power cut", async () => {
    await one.exec("sh", "-c", "echo changed > /etc/greeting; sync");
    await timed("power cut", one.powerCut());
    expect(one.running).toBe(false);
    await timed(
      "boot again",
      one.start().then(() => one.cloudInit()),
    );
    expect(await one.exec("cat", "/etc/greeting")).toBe("changed\n");
    expect(await one.exec("systemctl", "is-active", "greeter.service")).toBe("active\n");
    expect((await one.exec("journalctl", "--list-boots", "--quiet")).trim().split("\n")).toHaveLength(2);
  });

  test("are stopped, and replaced by a new instance with an empty disk", async () => {
    const { instanceId, address } = one.instance;
    await timed("stop", one.stop());
    expect(await cloud.state(instanceId)).toBe("stopped");
    await timed(
      "replace",
      one.replace().then(() => one.cloudInit()),
    );
    expect(await one.exec("cat", "/etc/greeting")).toBe("hello");
    expect(await one.exec("cloud-init", "query", "instance_id")).toBe(`${one.instance.instanceId}\n`);
    expect(await cloud.state(instanceId)).toBe("terminated");
    expect(one.address).not.toBe(address);
    expect(await cloud.state(one.instance.instanceId)).toBe("running");
  });

  test("can be cut off", async () => {
    const ask = ["curl", "-s", "-o", "/dev/null", "-m", "2", "http://169.254.169.254/"] as const;
    expect((await two.try(...ask)).code).toBe(0);
    await two.cut();
    expect((await two.try(...ask)).code).not.toBe(0);
    await two.plugIn();
    await two.until("the cloud is there again", 10_000, ...ask);
  });
});

describeWith("a room for hosts", hostNeeds, () => {
  test("leaves nothing behind", async () => {
    const scope = new Scope();
    const network = await Network.open(scope);
    await network.plug();
    const sleeper = network.start("sleep", ["600"], process.env);
    const link = `/sys/class/net/caravan${network.address(1).split(".")[2]}`;
    expect([existsSync(link), sleeper.running]).toEqual([true, true]);
    await scope.close();
    await expect.poll(() => existsSync(link)).toBe(false);
    expect(sleeper.running).toBe(false);
  });
});
