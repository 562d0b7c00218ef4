import { describeApart } from "./support/apart";

describeApart(
  "each product in a group of its own",
  { vault: ["vault"], consul: ["consul"], nomad: ["nomad"] },
  "cloud",
);
