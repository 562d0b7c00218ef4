import { describe, expect, test } from "vitest";
import {
  architectureOf,
  diskTypeOf,
  hasAcceleratedNetworking,
  hasTrustedLaunch,
  instanceType,
} from "../../../lib/infrastructure/azure/instance-type";

describe("a size says", () => {
  test.each([
    ["Standard_D2s_v5", "x86_64", "Premium_LRS", true, true],
    ["Standard_D2_v5", "x86_64", "StandardSSD_LRS", true, true],
    ["Standard_D2as_v5", "x86_64", "Premium_LRS", true, true],
    ["Standard_D2ps_v5", "arm64", "Premium_LRS", false, true],
    ["Standard_D4pls_v5", "arm64", "Premium_LRS", false, true],
    ["Standard_E4pds_v6", "arm64", "Premium_LRS", true, true],
    ["Standard_B2pts_v2", "arm64", "Premium_LRS", false, true],
    ["Standard_B2s", "x86_64", "Premium_LRS", true, false],
    ["Standard_NP10s", "x86_64", "Premium_LRS", true, true],
    ["Standard_NC24ads_A100_v4", "x86_64", "Premium_LRS", true, true],
    ["Standard_M8-2ms", "x86_64", "Premium_LRS", true, true],
    ["Standard_DC2s_v3", "x86_64", "Premium_LRS", true, true],
  ] as const)("%s: %s, %s, trusted launch %s, accelerated networking %s", (size, processor, disk, trusted, fast) => {
    expect(instanceType.accepts(size)).toBe(true);
    expect([architectureOf(size), diskTypeOf(size), hasTrustedLaunch(size), hasAcceleratedNetworking(size)]).toEqual([
      processor,
      disk,
      trusted,
      fast,
    ]);
  });

  test.each(["m7i.large", "D2s_v5", "standard_d2s_v5", "Standard_D2s_v5 ", "Standard_", "Basic_A1", 2])(
    "%s is none",
    (size) => {
      expect(instanceType.accepts(size)).toBe(false);
    },
  );
});
