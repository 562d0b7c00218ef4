import { beforeAll, expect, test } from "vitest";
import { renderJob, type Task } from "../../lib/nomad";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";

/** Options of drivers, and the same as people write them in HCL. */
const options: readonly { readonly task: Task; readonly hcl: string }[] = [
  {
    task: {
      driver: "docker",
      config: {
        image: "web:1",
        advertiseIpv6Address: true,
        auth: { username: "u", password: "p", serverAddress: "r.example.com" },
        capAdd: ["net_bind_service"],
        cpuCfsPeriod: 50_000,
        devices: [{ hostPath: "/dev/a", containerPath: "/dev/b", cgroupPermissions: "r" }],
        healthchecks: { disable: true },
        labels: { team: "web", other: "x" },
        logging: { type: "journald", config: { tag: "web" } },
        mount: [
          { type: "bind", source: "/a", target: "/b", readonly: true, bindOptions: { propagation: "rslave" } },
          {
            target: "/c",
            volumeOptions: { noCopy: true, labels: { k: "v" }, driverConfig: { name: "x", options: { o: "p" } } },
          },
          { type: "tmpfs", target: "/t", tmpfsOptions: { size: 1000, mode: 511 } },
        ],
        storageOpt: { size: "20G" },
        sysctl: { somaxconn: "1024" },
        ulimit: { nofile: "1:2" },
        usernsMode: "host",
      },
    },
    hcl: `
      image                  = "web:1"
      advertise_ipv6_address = true
      auth {
        username       = "u"
        password       = "p"
        server_address = "r.example.com"
      }
      cap_add        = ["net_bind_service"]
      cpu_cfs_period = 50000
      devices = [{
        host_path          = "/dev/a"
        container_path     = "/dev/b"
        cgroup_permissions = "r"
      }]
      healthchecks {
        disable = true
      }
      labels {
        team  = "web"
        other              = "x"
      }
      logging {
        type = "journald"
        config {
          tag = "web"
        }
      }
      mount {
        type     = "bind"
        source   = "/a"
        target   = "/b"
        readonly = true
        bind_options {
          propagation = "rslave"
        }
      }
      mount {
        target = "/c"
        volume_options {
          no_copy = true
          labels {
            k = "v"
          }
          driver_config {
            name = "x"
            options {
              o = "p"
            }
          }
        }
      }
      mount {
        type   = "tmpfs"
        target = "/t"
        tmpfs_options {
          size = 1000
          mode = 511
        }
      }
      storage_opt {
        size = "20G"
      }
      sysctl {
        somaxconn = "1024"
      }
      ulimit {
        nofile = "1:2"
      }
      userns_mode = "host"`,
  },
  {
    task: {
      driver: "podman",
      config: { image: "web:1", auth: { tlsVerify: false }, logging: { driver: "journald", options: { tag: "x" } } },
    },
    hcl: `
      image = "web:1"
      auth {
        tls_verify = false
      }
      logging {
        driver = "journald"
        options {
          tag = "x"
        }
      }`,
  },
  {
    task: {
      driver: "raw_exec",
      config: { command: "/bin/a", args: ["b"], cgroupV1Override: { pids: "x" }, workDir: "/c" },
    },
    hcl: `
      command = "/bin/a"
      args    = ["b"]
      cgroup_v1_override {
        pids = "x"
      }
      work_dir = "/c"`,
  },
  {
    task: { driver: "qemu", config: { imagePath: "a.img", gracefulShutdown: true, portMap: { ssh: 22 } } },
    hcl: `
      image_path        = "a.img"
      graceful_shutdown = true
      port_map {
        ssh = 22
      }`,
  },
];

describeWith("options of drivers", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
  });

  test.each(options)("of $task.driver are what Nomad's parser makes of the same HCL", async ({ task, hcl }) => {
    const job = `job "j" {\n group "g" {\n task "t" {\n driver = "${task.driver}"\n config {${hcl}\n}\n}\n}\n}`;
    const parsed = await nomad.must("POST", "/v1/jobs/parse", { JobHCL: job });
    const rendered = renderJob({ id: "j", group: { g: { task: { t: task } } } });
    expect(rendered.TaskGroups?.[0]?.Tasks?.[0]?.Config).toEqual(parsed.TaskGroups[0].Tasks[0].Config);
  });
});
