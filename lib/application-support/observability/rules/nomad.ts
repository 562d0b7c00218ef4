import type { AlertGroup } from "./rule";
import { snapshotRule } from "./snapshot";

/** What kills a Nomad, or the jobs that it runs. Figures of jobs and evaluations come from the leader alone. */
export function nomadRules(servers: number | undefined): AlertGroup {
  return {
    name: "nomad",
    rules: [
      {
        alert: "NomadNoLeader",
        expr: '(max(probe_success{job="probe-nomad"}) or vector(0)) == 0',
        for: "2m",
        severity: "critical",
        summary: "No server of Nomad leads: nothing is placed, moved or restarted elsewhere.",
        action:
          "Look whether a majority of the servers runs and reaches one another (`nomad operator raft list-peers`).",
      },
      {
        alert: "NomadServerDown",
        expr: 'up{job="nomad"} == 0',
        for: "3m",
        severity: "critical",
        summary: "Nomad at {{ $labels.instance }} gives no figures.",
        action: "See whether its machine and its unit run; one more and the quorum is lost.",
      },
      ...(servers === undefined || servers < 2
        ? []
        : [
            {
              alert: "NomadPeersMissing",
              expr: `max(nomad_raft_peers) < ${servers}`,
              for: "10m",
              severity: "warning" as const,
              summary: `Nomad's raft has {{ $value }} peers instead of ${servers}.`,
              action: "See that the new server joined; a group that stays short does not survive the next loss.",
            },
          ]),
      {
        alert: "NomadUnhealthy",
        expr: "min(nomad_nomad_autopilot_healthy) == 0",
        for: "5m",
        severity: "critical",
        summary: "Autopilot holds a server of Nomad to be unhealthy.",
        action: "`nomad operator autopilot health` names it.",
      },
      {
        alert: "NomadClientDown",
        expr: 'up{job="nomad-client"} == 0',
        for: "5m",
        severity: "warning",
        summary: "Nomad's client on {{ $labels.node }} gives no figures.",
        action: "`nomad node status`; see whether the machine leaves, or its unit failed.",
      },
      {
        alert: "NomadJobsBlocked",
        expr: "nomad_nomad_blocked_evals_total_blocked + nomad_nomad_blocked_evals_total_escaped > 0",
        for: "15m",
        severity: "warning",
        summary: "{{ $value }} evaluations wait for room: some job finds no node that fits.",
        action: "`nomad eval list -status=blocked`, then add workers, or lower what the job asks for.",
      },
      {
        alert: "NomadJobQueued",
        expr: "nomad_nomad_job_summary_queued > 0",
        for: "15m",
        severity: "warning",
        summary: "{{ $value }} allocations of {{ $labels.exported_job }} ({{ $labels.namespace }}) are not placed.",
        action: "`nomad job status` says which constraint or resource no node has.",
      },
      {
        // Nomad has no figure of deployments; this is what a failing one does. A task's series begins at its first failure.
        alert: "NomadDeploymentFailing",
        expr: "sum by (namespace, exported_job, task_group) (max_over_time(nomad_client_allocs_failed[15m])) >= 3",
        severity: "warning",
        summary:
          "Tasks of {{ $labels.exported_job }} ({{ $labels.namespace }}, {{ $labels.task_group }}) keep failing.",
        action: "`nomad job status` shows the deployment; see the events and logs of the allocation that failed last.",
      },
      {
        alert: "NomadTaskRestarting",
        expr: "sum by (namespace, exported_job, task) (max_over_time(nomad_client_allocs_restart[15m])) > 5",
        severity: "warning",
        summary:
          "Task {{ $labels.task }} of {{ $labels.exported_job }} ({{ $labels.namespace }}) restarts again and again.",
        action: "See its logs; where the last version is to blame, `nomad job revert`.",
      },
      {
        alert: "NomadTaskOutOfMemory",
        expr: "sum by (namespace, exported_job, task) (max_over_time(nomad_client_allocs_oom_killed[15m])) > 0",
        severity: "warning",
        summary: "Task {{ $labels.task }} of {{ $labels.exported_job }} ({{ $labels.namespace }}) ran out of memory.",
        action: "Raise its memory, or find what it keeps.",
      },
      {
        alert: "NomadAllocationsLost",
        expr: "increase(nomad_nomad_job_summary_lost[15m]) > 0",
        severity: "warning",
        summary: "{{ $value }} allocations of {{ $labels.exported_job }} were lost with their node.",
        action: "`nomad node status` names the node; they are placed elsewhere if there is room.",
      },
      {
        alert: "NomadPlansPending",
        expr: "nomad_nomad_plan_queue_depth > 100",
        for: "10m",
        severity: "warning",
        summary: "{{ $value }} plans wait for Nomad's leader.",
        action: "Its disk is slow or its processors are busy: look at raft's commit time.",
      },
      // A snapshot that raft makes of its own accord counts as well, so that a busy server is told late.
      snapshotRule("Nomad", "nomad_raft_snapshot_create_count"),
    ],
  };
}
