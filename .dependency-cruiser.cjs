// The rooms of lib/ and the one direction in which they may import (docs/architecture.md).
const rooms = [
  "core",
  "policy",
  "testing",
  "nomad",
  "node",
  "layer",
  "infrastructure",
  "platform",
  "application-support",
  "carts",
  "operate",
  "gitops",
  "cli",
];

/** What each room may import besides itself. */
const mayImport = {
  core: [],
  policy: ["core"],
  testing: ["core"],
  nomad: ["core"],
  node: ["core"],
  layer: ["core", "policy"],
  infrastructure: ["core", "policy", "node", "layer"],
  platform: ["core", "policy", "nomad", "node", "layer", "infrastructure"],
  "application-support": ["core", "policy", "nomad", "node", "layer", "infrastructure", "platform"],
  carts: ["core", "policy", "nomad", "node", "layer", "infrastructure", "platform", "application-support"],
  operate: ["core", "layer", "infrastructure", "node"],
  gitops: ["core", "operate"],
  cli: ["core", "operate", "gitops"],
};

const clouds = ["aws", "azure", "gcp"];

module.exports = {
  forbidden: [
    {
      name: "no-provider-barrel",
      comment:
        "A provider's barrel costs 2 s and 550 MiB in every process. Import the one file: @cdktf/provider-aws/lib/vpc.",
      severity: "error",
      from: {},
      to: { path: "node_modules/@(cdktf|cdktn)/provider-[a-z]+/lib/(index|lazy-index)\\.(js|d\\.ts)$" },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...rooms.map((room) => ({
      name: `direction-of-${room}`,
      comment: `lib/${room} may import ${["itself", ...mayImport[room]].join(", ")} and nothing else of lib/.`,
      severity: "error",
      from: { path: `^lib/${room}/` },
      to: { path: "^lib/", pathNot: `^lib/(${[room, ...mayImport[room]].join("|")})/` },
    })),
    ...clouds.map((cloud) => ({
      name: `cloud-apart-${cloud}`,
      comment: `A cloud's room never imports another cloud's, nor another cloud's provider: ${cloud}.`,
      severity: "error",
      from: { path: `^lib/[a-z-]+/${cloud}/` },
      to: {
        path: `(^lib/[a-z-]+/(${clouds.filter((c) => c !== cloud).join("|")})/)|(@(cdktf|cdktn)/provider-(${{ aws: "azurerm|google", azure: "aws|google", gcp: "aws|azurerm" }[cloud]})/)`,
      },
    })),
    {
      name: "operate-knows-contracts-only",
      comment: "What is done to a living environment stands on its contract and on names, never on how it was made.",
      severity: "error",
      from: { path: "^lib/operate/" },
      to: {
        path: "^lib/(node|layer|infrastructure)/",
        pathNot:
          "^lib/(infrastructure/(contract|existing)|layer/contract(-fields)?|node/(access-consul|names|products|cloud/(azure|clouds)))\\.ts$",
      },
    },
    {
      name: "cloud-neutral-rooms-load-no-cloud",
      comment: "import \"cdktf-caravan\" loads no cloud's provider: only a cloud's own room imports one.",
      severity: "error",
      from: { path: "^lib/", pathNot: `^lib/[a-z-]+/(${clouds.join("|")})/` },
      to: { path: "@(cdktf|cdktn)/provider-(aws|azurerm|google)/" },
    },
    {
      name: "lib-knows-no-app",
      comment: "lib/ is what is published: it imports neither stacks nor examples nor tests.",
      severity: "error",
      from: { path: "^lib/" },
      to: { path: "^(stacks|examples|test|bench)/" },
    },
    {
      name: "lib-needs-only-peers",
      comment: "What lib/ needs at run time must be a dependency or a peer of the package.",
      severity: "error",
      from: { path: "^lib/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/(@cdktf/provider-[a-z]+|cdktf|constructs|@types/node)/",
      },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|cdktf\\.out)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default"] },
  },
};
