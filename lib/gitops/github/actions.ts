/** An action, pinned by the commit of a release: a tag can be moved, a commit cannot. */
export interface PinnedAction {
  readonly action: string;
  readonly commit: string;
  readonly version: string;
}

/**
 * The actions that workflows use. The commits are those that public
 * repositories pin under the same version; `git ls-remote --tags https://github.com/<action> <version>` tells whether they are.
 */
export const actions = {
  checkout: { action: "actions/checkout", commit: "1af3b93b6815bc44a9784bd300feb67ff0d1eeb3", version: "v6.0.0" },
  node: { action: "actions/setup-node", commit: "2028fbc5c25fe9cf00d9f06a71cc4710d4507903", version: "v6.0.0" },
  upload: { action: "actions/upload-artifact", commit: "b7c566a772e6b6bfb58ed0dc250532a479d7789f", version: "v6.0.0" },
  download: {
    action: "actions/download-artifact",
    commit: "37930b1c2abaa49bbe596cd826c3c89aef350131",
    version: "v7.0.0",
  },
  aws: {
    action: "aws-actions/configure-aws-credentials",
    commit: "8df5847569e6427dd6c4fb1cf565c83acfa8afa7",
    version: "v6.0.0",
  },
  google: {
    action: "google-github-actions/auth",
    commit: "7c6bc770dae815cd3e89ee6cdf493a5fab2cc093",
    version: "v3.0.0",
  },
  terraform: {
    action: "hashicorp/setup-terraform",
    commit: "5e8dbf3c6d9deaf4193ca7a8fb23f2ac83bb6c85",
    version: "v4.0.0",
  },
  tofu: { action: "opentofu/setup-opentofu", commit: "9d84900f3238fab8cd84ce47d658d25dd008be2f", version: "v1" },
} as const satisfies Readonly<Record<string, PinnedAction>>;

export type ActionName = keyof typeof actions;

/** Versions by the commit, for the comment behind it. */
export const versionsByCommit: ReadonlyMap<string, string> = new Map(
  Object.values(actions).map(({ commit, version }) => [commit, version]),
);
