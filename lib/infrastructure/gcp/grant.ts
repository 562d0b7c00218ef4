/** A condition of a grant, in CEL: https://cloud.google.com/iam/docs/conditions-overview */
export interface GcpCondition {
  readonly title: string;
  readonly expression: string;
}

/**
 * A condition on objects of a bucket, by the beginning of their names; `"document"` is one name, `"born/*"` all that begin so.
 * At most 12 of them: https://cloud.google.com/iam/docs/conditions-overview#limitations
 */
export function objectsCondition(bucketName: string, patterns: readonly string[]): string {
  const at = `projects/_/buckets/${bucketName}/objects/`;
  return patterns
    .map((pattern) =>
      pattern.endsWith("*")
        ? `resource.name.startsWith("${at}${pattern.slice(0, -1)}")`
        : `resource.name == "${at}${pattern}"`,
    )
    .join(" || ");
}
