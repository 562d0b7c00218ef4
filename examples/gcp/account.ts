import { GcsState, LocalState } from "cdktf-caravan";
import { gcpStateBucketName } from "cdktf-caravan/gcp";

/** Where both environments stand. */
export const place = { project: "acme-caravan", region: "europe-west1" };

/** The repository whose pull requests plan and whose merges apply. */
export const github = { repository: "acme/platform" };

/** Debian 12, as docs/images.md looks it up. */
export const images = {
  x86_64: "projects/debian-cloud/global/images/debian-12-bookworm-v20251014",
  arm64: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20251014",
};

/** An environment with its state in a bucket of its own. */
export function environmentOf(name: string) {
  const bucket = gcpStateBucketName({ environment: name, ...place });
  return { name, state: new GcsState({ bucket }), tags: { "cost-center": "platform" } };
}

/** The same with its state in a file: for the first apply of a state stack, before there is a bucket. */
export function bootstrapped(environment: ReturnType<typeof environmentOf>) {
  return process.env["CARAVAN_BOOTSTRAP"] === "1" ? { ...environment, state: new LocalState() } : environment;
}
