import { findMoto } from "../support/moto";
import { findTool } from "../support/programs";

/** What a suite with hosts needs, for `describeWith`. */
export const hostNeeds = {
  root: process.getuid?.() === 0 ? true : undefined,
  ...Object.fromEntries(["systemd-nspawn", "debootstrap", "ip", "openssl"].map((tool) => [tool, findTool(tool)])),
  moto: findMoto(),
};

/** The products, where a suite needs them. */
export const productNeeds = { vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") };
