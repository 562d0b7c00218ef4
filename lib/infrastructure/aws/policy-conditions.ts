type OneOrMore<T> = T | readonly T[];

type Texts =
  | "StringEquals"
  | "StringNotEquals"
  | "StringEqualsIgnoreCase"
  | "StringNotEqualsIgnoreCase"
  | "StringLike"
  | "StringNotLike"
  | "ArnEquals"
  | "ArnNotEquals"
  | "ArnLike"
  | "ArnNotLike"
  | "IpAddress"
  | "NotIpAddress"
  | "DateEquals"
  | "DateNotEquals"
  | "DateLessThan"
  | "DateLessThanEquals"
  | "DateGreaterThan"
  | "DateGreaterThanEquals";

type Numbers =
  | "NumericEquals"
  | "NumericNotEquals"
  | "NumericLessThan"
  | "NumericLessThanEquals"
  | "NumericGreaterThan"
  | "NumericGreaterThanEquals";

/** `IfExists` also holds where the key is missing; with a denial's negated operator it does so without. */
type WithIfExists<O extends string> = O | `${O}IfExists`;

/** For keys with several values, such as `aws:TagKeys`. */
type OverSets<O extends string> = O | `ForAllValues:${O}` | `ForAnyValue:${O}`;

type Values<O extends string, T> = { readonly [K in O]?: Readonly<Record<string, T>> };

/**
 * The conditions of a statement, by operator and key. All must hold; of several values of one key any will do.
 *
 * ```ts
 * { StringEquals: { "aws:RequestedRegion": "eu-central-1" }, Bool: { "aws:SecureTransport": false } }
 * ```
 *
 * Operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export type Conditions = Values<OverSets<WithIfExists<Texts>>, OneOrMore<string>> &
  Values<OverSets<WithIfExists<Numbers>>, OneOrMore<number | string>> &
  Values<OverSets<WithIfExists<"Bool">>, boolean | string> &
  Values<"Null", boolean>;
