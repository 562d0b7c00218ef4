import {
  ArtifactRegistryRepositoryIamMember,
  type ArtifactRegistryRepositoryIamMemberConfig,
} from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import type { Construct } from "constructs";
import type { PropsCheck, Rule } from "../../core/errors";
import { matching } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { customRoleName } from "./custom-roles";
import type { GcpPlace } from "./place";

const WRITTEN = /^(?:([a-z0-9-]+)-docker\.pkg\.dev\/([a-z][a-z0-9-]{4,28}[a-z0-9])\/)?([a-z][a-z0-9-]{0,61}[a-z0-9])$/;

const repository: Rule<string> = matching(
  new RegExp(WRITTEN.source.slice(1, -1)),
  'a repository of Artifact Registry, such as "shop" or "europe-west1-docker.pkg.dev/acme-images/shop"',
  "write the repository alone, without an image and its tag; with its registry and project where it is another's",
);

/** Checks the repositories that a group's nodes take images from. */
export function checkRepositories(check: PropsCheck, property: string, repositories: readonly string[]): void {
  check.each(property, repositories, repository);
}

interface Repository {
  readonly location: string;
  readonly project: string;
  readonly name: string;
}

function repositoryOf({ region, project: own }: GcpPlace, written: string): Repository {
  const [, location = region, project = own, name = ""] = WRITTEN.exec(written) ?? [];
  return { location, project, name };
}

/** The registries of some repositories as they stand in images' names, each once. */
export function registriesOf(place: GcpPlace, repositories: readonly string[]): readonly string[] {
  return [...new Set(repositories.map((written) => `${repositoryOf(place, written).location}-docker.pkg.dev`))];
}

/**
 * Lets an account take images from these repositories of its project. Those of another project its owner opens:
 * https://cloud.google.com/artifact-registry/docs/access-control
 */
export function allowPulling(
  scope: Construct,
  place: GcpPlace,
  member: string,
  repositories: readonly string[],
  transform?: Transform<ArtifactRegistryRepositoryIamMemberConfig>,
): void {
  for (const written of repositories) {
    const { location, project, name } = repositoryOf(place, written);
    if (project !== place.project) continue;
    new ArtifactRegistryRepositoryIamMember(
      scope,
      `images-${location}-${name}-member`,
      transformed(transform, {
        project,
        location,
        repository: name,
        role: customRoleName(place, "pullImages"),
        member,
      }),
    );
  }
}
