/** What each command answers with `--json` when it has a result. A failure before there is one: `{ error: { message } }`. */
export const answers: Readonly<Record<string, string>> = {
  synth: "{ output, stacks: [id] }",
  validate: "{ stacks: [{ stack, mistakes: [text] }] }",
  graph: "{ levels: [[{ id, dependencies, state }]] }",
  policy: "{ stacks: [{ stack, report }] }",
  lock: "{ files }",
  plan: "{ commit, plans: [{ stack, state, meaning, ... }], findings }",
  apply: "{ commit, stacks: [{ stack, outcome: { kind, ... } }], notStarted }",
  drift: "{ commit, stacks: [{ stack, state, plan, jobs, ... }] }; with --last-applied { commit }",
  destroy: "{ stacks: [{ stack, outcome }] }",
  wait: "{ environment, groups, products, machines, unseen, at }",
  status:
    "{ environment, verdict, findings, groups, products, machines, snapshots, bootstrapTokens, unseen, at, applies }; with --applies { applies }",
  roll: "{ environment, groups: [{ name, retired, machines }] }; with --dry-run { environment, groups: [{ name, due, next }] }",
  restore: "{ environment, product, snapshot, cluster, machine }",
  rotate:
    "ca: { environment, stands, command }; gossip: { environment, product, machines }; token: { environment, token, deleted }",
  "retire-bootstrap": "{ environment, retired, gone }",
  env: "the variables by their names, secrets among them; with --pipeline { variables: [name] }",
  tunnel: "{ environment, ends: [{ product, localPort, host, port }], variables }; with a command, what that prints",
  init: "{ written, kept }",
  doctor: "{ checks: [{ what, good, found, fix, note }] }; a note keeps nothing from working",
  promote: "{ promoted, branch }",
  "gitops init": "{ written, removed }",
  "gitops check": "{ files }",
};
