/** The parts of a stack's Terraform JSON that are looked at. */
export interface TerraformJson {
  readonly terraform?: {
    readonly backend?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    /** Of OpenTofu: how it encrypts states and plans. */
    readonly encryption?: unknown;
    readonly required_providers?: Readonly<Record<string, unknown>>;
  };
  readonly data?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly provider?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly output?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
