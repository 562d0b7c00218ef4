import type {
  ApiDisconnectStrategy,
  ApiEphemeralDisk,
  ApiMigrateStrategy,
  ApiReschedulePolicy,
  ApiRestartPolicy,
  ApiScalingPolicy,
  ApiTaskGroup,
  ApiUpdateStrategy,
} from "../generated/api";
import type { Place } from "../problems";
import { expectAtLeast, expectOneOf, HOUR, known, knownNumber, MINUTE, SECOND, time } from "./expect";

const isBatch = (type: string) => type === "batch" || type === "sysbatch";

export function checkRestart(restart: ApiRestartPolicy, type: string, place: Place): void {
  const defaults = isBatch(type)
    ? { Attempts: 3, Interval: 24 * HOUR, Delay: 15 * SECOND }
    : { Attempts: 2, Interval: 30 * MINUTE, Delay: 15 * SECOND };
  const { Attempts, Interval, Delay, Mode } = { ...defaults, ...restart };
  expectOneOf(place.at("mode"), Mode, ["fail", "delay"]);
  expectAtLeast(place.at("attempts"), Attempts, 0);
  if (!known(Attempts) || !known(Interval) || !known(Delay)) return;
  if (Interval < 5 * SECOND) {
    place.at("interval").report({ given: time(Interval), allowed: "5s or more", fix: "lengthen it" });
  } else if (Attempts * Delay > Interval) {
    const fix = `lengthen it, or lower attempts (${Attempts}) or delay (${time(Delay)})`;
    place.at("interval").report({ given: time(Interval), allowed: `${time(Attempts * Delay)} or more`, fix });
  }
  if (Mode === "delay" && Attempts === 0) {
    place.at("attempts").report({ given: 0, allowed: '1 or more with mode "delay"', fix: 'use mode "fail"' });
  }
}

export function checkReschedule(reschedule: ApiReschedulePolicy, type: string, place: Place): void {
  const defaults: ApiReschedulePolicy =
    type === "batch"
      ? { Attempts: 1, Interval: 24 * HOUR, Delay: 5 * SECOND, DelayFunction: "constant", Unlimited: false }
      : { Attempts: 0, Interval: 0, Delay: 30 * SECOND, DelayFunction: "exponential", MaxDelay: HOUR, Unlimited: true };
  const policy = { ...defaults, ...reschedule };
  const { Attempts = 0, Interval = 0, Delay = 0, DelayFunction, MaxDelay = 0, Unlimited } = policy;
  expectOneOf(place.at("delayFunction"), DelayFunction, ["constant", "exponential", "fibonacci"]);
  expectAtLeast(place.at("attempts"), Attempts, 0);
  if (![Attempts, Interval, Delay, MaxDelay, Unlimited].every(known)) return;
  if (Delay < 5 * SECOND && (Unlimited || Attempts > 0)) {
    place.at("delay").report({ given: time(Delay), allowed: "5s or more", fix: "lengthen it" });
  }
  if (DelayFunction !== "constant" && MaxDelay < Delay && (Unlimited || Attempts > 0)) {
    const fix = "raise it above delay";
    place.at("maxDelay").report({ given: time(MaxDelay), allowed: `${time(Delay)} or more`, fix });
  }
  if (Unlimited === true) {
    if (Attempts > 0 || Interval > 0) {
      const fix = "set unlimited to false, or remove attempts and interval";
      const word = Attempts > 0 ? "attempts" : "interval";
      const given = Attempts > 0 ? Attempts : time(Interval);
      place.at(word).report({ given, allowed: "nothing where unlimited is true (the default of service jobs)", fix });
    }
    return;
  }
  if (Attempts > 0) checkRescheduleWindow(Attempts, Interval, Delay, DelayFunction, MaxDelay, place);
}

function checkRescheduleWindow(
  attempts: number,
  interval: number,
  delay: number,
  delayFunction: string | undefined,
  maxDelay: number,
  place: Place,
): void {
  let needed = 15 * SECOND;
  if (delayFunction === "constant") needed = Math.max(needed, attempts * delay);
  if (delayFunction === "exponential") needed = Math.max(needed, exponentialTime(attempts, delay, maxDelay));
  const fits = delayFunction === "exponential" ? interval > needed : interval >= needed;
  if (fits) return;
  const fix = `lengthen it, or lower attempts (${attempts})`;
  place.at("interval").report({ given: time(interval), allowed: `${time(needed)} or more`, fix });
}

/** Nomad waits `delay` twice, then doubles it while twice the wait stays below the longest one. */
function exponentialTime(attempts: number, delay: number, maxDelay: number): number {
  let [total, wait] = [delay, delay];
  for (let attempt = 2; attempt <= attempts; attempt++) {
    total += wait * 2 > maxDelay ? maxDelay : wait;
    wait *= 2;
  }
  return total;
}

export function checkUpdate(update: ApiUpdateStrategy, place: Place): void {
  const defaults = {
    MinHealthyTime: 10 * SECOND,
    HealthyDeadline: 5 * MINUTE,
    ProgressDeadline: 10 * MINUTE,
    Stagger: 30 * SECOND,
    Canary: 0,
  };
  const merged = { ...defaults, ...update };
  const { MinHealthyTime, HealthyDeadline, ProgressDeadline, Stagger, Canary, AutoPromote, HealthCheck } = merged;
  expectOneOf(place.at("healthCheck"), HealthCheck, ["checks", "task_states", "manual"]);
  expectAtLeast(place.at("maxParallel"), update.MaxParallel, 0);
  expectAtLeast(place.at("canary"), Canary, 0);
  if (knownNumber(Stagger) === 0) {
    place.at("stagger").report({ given: "0s", allowed: "more than 0s", fix: "lengthen it" });
  }
  checkHealthTimes(MinHealthyTime, HealthyDeadline, place);
  if (known(HealthyDeadline) && known(ProgressDeadline) && ProgressDeadline !== 0) {
    if (HealthyDeadline >= ProgressDeadline) {
      const fix = "raise it above healthyDeadline, or set it to 0s";
      const allowed = `more than healthyDeadline (${time(HealthyDeadline)})`;
      place.at("progressDeadline").report({ given: time(ProgressDeadline), allowed, fix });
    }
  }
  if (AutoPromote === true && Canary === 0) {
    place.at("autoPromote").report({ given: true, allowed: "it with canary of 1 or more", fix: "set canary" });
  }
}

function checkHealthTimes(minimum: number | undefined, deadline: number | undefined, place: Place): void {
  if (!known(minimum) || !known(deadline) || minimum < deadline) return;
  const allowed = `less than healthyDeadline (${time(deadline)})`;
  place.at("minHealthyTime").report({ given: time(minimum), allowed, fix: "shorten it, or lengthen healthyDeadline" });
}

export function checkMigrate(migrate: ApiMigrateStrategy, place: Place): void {
  const { MinHealthyTime, HealthyDeadline } = {
    MinHealthyTime: 10 * SECOND,
    HealthyDeadline: 5 * MINUTE,
    ...migrate,
  };
  expectOneOf(place.at("healthCheck"), migrate.HealthCheck, ["checks", "task_states"]);
  expectAtLeast(place.at("maxParallel"), migrate.MaxParallel, 0);
  checkHealthTimes(MinHealthyTime, HealthyDeadline, place);
}

export function checkDisconnect(disconnect: ApiDisconnectStrategy, type: string, place: Place): void {
  const reconciliations = ["best_score", "longest_running", "keep_original", "keep_replacement"];
  expectOneOf(place.at("reconcile"), disconnect.Reconcile, reconciliations);
  if (disconnect.StopOnClientAfter === undefined) return;
  if (disconnect.LostAfter !== undefined) {
    const fix = "keep one of the two";
    place.at("stopOnClientAfter").report({ given: "both", allowed: "it without lostAfter", fix });
  }
  if (type !== "service" && type !== "batch") {
    const fix = "remove it, or change the job's type";
    place
      .at("stopOnClientAfter")
      .report({ given: `it in a ${type} job`, allowed: "it in service and batch jobs", fix });
  }
}

export function checkScaling(scaling: ApiScalingPolicy, group: ApiTaskGroup, place: Place): void {
  const { Min, Max, Type } = scaling;
  expectOneOf(place.at("scaling", "type"), Type, ["horizontal"]);
  if (Max === undefined)
    place.at("scaling", "max").report({ given: Max, allowed: "0 or more", fix: "give the greatest count" });
  expectAtLeast(place.at("scaling", "max"), Max, 0);
  expectAtLeast(place.at("scaling", "min"), Min, 0);
  const [least, most] = [knownNumber(Min), knownNumber(Max)];
  if (least !== undefined && most !== undefined && least > most) {
    place
      .at("scaling", "min")
      .report({ given: least, allowed: `at most max (${most})`, fix: "lower it, or raise max" });
    return;
  }
  const count = group.Count === undefined ? (least ?? 1) : knownNumber(group.Count);
  if (count === undefined) return;
  if ((most !== undefined && count > most) || (least !== undefined && count < least)) {
    const allowed = `${least ?? 0} to ${most ?? "max"}, the bounds of scaling`;
    place.at("count").report({ given: count, allowed, fix: "move the count or the bounds" });
  }
}

export function checkEphemeralDisk({ SizeMB }: ApiEphemeralDisk, place: Place): void {
  expectAtLeast(place.at("size"), SizeMB, 10, "MiB");
}
