import type { Dashboard } from "./builder";
import { graph, lines } from "./panels";

const JOB = 'namespace=~"$namespace",exported_job=~"$job"';

export const nomadJobsDashboard: Dashboard = {
  uid: "caravan-nomad-jobs",
  title: "Nomad jobs",
  description: "What jobs use of what they asked for, how they fare, and what they write.",
  tags: ["nomad"],
  variables: [
    {
      name: "namespace",
      label: "Namespace",
      values: { series: "nomad_nomad_job_summary_running", label: "namespace" },
    },
    {
      name: "job",
      label: "Job",
      values: { series: 'nomad_nomad_job_summary_running{namespace=~"$namespace"}', label: "exported_job" },
    },
  ],
  rows: [
    {
      title: "Allocations",
      panels: [
        graph(
          "Running",
          "short",
          {
            expr: `sum by (exported_job, task_group) (nomad_nomad_job_summary_running{${JOB}})`,
            legend: "{{exported_job}} {{task_group}}",
          },
          { stacked: true },
        ),
        graph("Not running", "short", [
          {
            expr: `sum by (exported_job) (nomad_nomad_job_summary_queued{${JOB}}) > 0`,
            legend: "{{exported_job}} not placed",
          },
          {
            expr: `sum by (exported_job) (nomad_nomad_job_summary_starting{${JOB}}) > 0`,
            legend: "{{exported_job}} starting",
          },
          {
            expr: `sum by (exported_job) (increase(nomad_nomad_job_summary_failed{${JOB}}[15m])) > 0`,
            legend: "{{exported_job}} failed",
          },
          {
            expr: `sum by (exported_job) (increase(nomad_nomad_job_summary_lost{${JOB}}[15m])) > 0`,
            legend: "{{exported_job}} lost",
          },
        ]),
        graph("Restarts", "short", {
          expr: `sum by (exported_job, task) (max_over_time(nomad_client_allocs_restart{${JOB}}[15m]))`,
          legend: "{{exported_job}} {{task}}",
        }),
        graph("Out of memory", "short", {
          expr: `sum by (exported_job, task) (max_over_time(nomad_client_allocs_oom_killed{${JOB}}[15m]))`,
          legend: "{{exported_job}} {{task}}",
        }),
      ],
    },
    {
      title: "Use",
      panels: [
        graph(
          "Processor",
          "short",
          {
            expr: `sum by (exported_job, task) (nomad_client_allocs_cpu_total_ticks{${JOB}})`,
            legend: "{{exported_job}} {{task}}",
          },
          { description: "In MHz, as jobs ask for it." },
        ),
        graph("Processor of what was asked for", "percentunit", {
          expr: `sum by (exported_job, task) (nomad_client_allocs_cpu_total_ticks{${JOB}}) / sum by (exported_job, task) (nomad_client_allocs_cpu_allocated{${JOB}})`,
          legend: "{{exported_job}} {{task}}",
        }),
        graph("Memory", "bytes", {
          expr: `sum by (exported_job, task) (nomad_client_allocs_memory_rss{${JOB}})`,
          legend: "{{exported_job}} {{task}}",
        }),
        graph("Memory of what was asked for", "percentunit", {
          expr: `max by (exported_job, task) (nomad_client_allocs_memory_rss{${JOB}} / nomad_client_allocs_memory_allocated{${JOB}})`,
          legend: "{{exported_job}} {{task}}",
        }),
        graph(
          "Throttled",
          "percentunit",
          {
            expr: `sum by (exported_job, task) (rate(nomad_client_allocs_cpu_throttled_time{${JOB}}[5m])) / 1e9`,
            legend: "{{exported_job}} {{task}}",
          },
          { description: "Share of the time in which a task with a hard limit had to wait." },
        ),
      ],
    },
    {
      title: "Lines",
      panels: [lines("Lines", '{nomad_namespace=~"$namespace", nomad_job=~"$job"}')],
    },
  ],
};
