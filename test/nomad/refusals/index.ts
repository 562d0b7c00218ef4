import { groups } from "./groups";
import { jobs } from "./jobs";
import type { Refusal } from "./row";
import { services } from "./services";
import { stricter } from "./stricter";
import { tasks } from "./tasks";

/** Jobs that we refuse: by the same rule as Nomad, or for a reason of our own. */
export const refusals: readonly Refusal[] = [...jobs, ...groups, ...services, ...tasks, ...stricter];
