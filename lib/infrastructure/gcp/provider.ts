import { GoogleProvider, type GoogleProviderConfig } from "@cdktf/provider-google/lib/provider";
import type { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { GcpPlace } from "./place";

/** https://cloud.google.com/compute/docs/labeling-resources#requirements */
const LABEL_LENGTH = 63;

/**
 * Tags as labels of Google Cloud, which have lower-case letters, digits, hyphens and underscores only: capitals become small,
 * other characters hyphens, and what is longer than 63 characters is cut.
 */
export function labelsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  const label = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, "-")
      .slice(0, LABEL_LENGTH);
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [label(key), label(value)]));
}

/**
 * The provider of Google Cloud of a stack, bound to a project and a region. Who acts it takes from the environment that
 * Terraform runs in, never from here.
 *
 * @param tags become labels (`labelsOf`) of whatever takes some; the provider lays them on, for only it knows which of the
 * arguments called `labels` are labels
 */
export function gcpProvider(
  scope: Construct,
  { project, region }: Pick<GcpPlace, "project" | "region">,
  tags: Readonly<Record<string, string>> = {},
  transform?: Transform<GoogleProviderConfig>,
): GoogleProvider {
  return new GoogleProvider(
    scope,
    "google",
    transformed(transform, { project, region, defaultLabels: labelsOf(tags) }),
  );
}
