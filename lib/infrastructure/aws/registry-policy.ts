import type { PropsCheck, Rule } from "../../core/errors";
import { matching } from "../../core/rules";
import { type AwsPlace, regionalArn, regionalService } from "./place";
import type { PolicyStatement } from "./policy-document";

const REGISTRY = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z.]+\//;

/** A name of ECR's (2 to 256 of its letters), or the beginning of one. */
const repository: Rule<string> = matching(
  /(\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+\/)?[a-z0-9][a-z0-9._/-]{1,254}\*?/,
  'a repository of ECR or the beginning of some, such as "shop/web" or "shop/*", with its registry where that is another\'s',
  'write it as it stands in an image\'s name, without a tag; everything ("*") is more than a node should read',
);

/** Checks the repositories that a group's nodes take images from. */
export function checkRepositories(check: PropsCheck, property: string, repositories: readonly string[]): void {
  check.each(property, repositories, repository);
}

interface Repository {
  /** Its registry, as it stands in an image's name. */
  readonly registry: string;
  readonly region: string;
  readonly arn: string;
}

function repositoryOf(place: AwsPlace, written: string): Repository {
  const [registry = "", accountId = place.accountId, region = place.region] = REGISTRY.exec(written) ?? [];
  const where = { ...place, accountId, region };
  return {
    registry: `${accountId}.${regionalService("dkr.ecr", where)}`,
    region,
    arn: regionalArn(where, "ecr", `repository/${written.slice(registry.length)}`),
  };
}

/** The registries of some repositories, each once. */
export function registriesOf(place: AwsPlace, repositories: readonly string[]): readonly string[] {
  return [...new Set(repositories.map((written) => repositoryOf(place, written).registry))];
}

/**
 * Lets a node take images from these repositories, and do nothing else in ECR:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr_on_ECS.html
 */
export function pullStatements(place: AwsPlace, repositories: readonly string[]): PolicyStatement[] {
  const all = repositories.map((written) => repositoryOf(place, written));
  return [
    {
      sid: "SignInToRegistries",
      actions: ["ecr:GetAuthorizationToken"],
      // Signing in knows no resources.
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": [...new Set(all.map(({ region }) => region))] } },
    },
    {
      sid: "TakeImages",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [...new Set(all.map(({ arn }) => arn))],
    },
  ];
}
