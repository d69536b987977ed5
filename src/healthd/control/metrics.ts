/** Prometheus' text format, version 0.0.4. */
import type { Phase } from "../machine/state.ts";
import type { ServiceStatus, Status } from "./status.ts";

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

const phases: readonly Phase[] = [
  "init",
  "down",
  "rising",
  "up",
  "falling",
  "withdrawn",
  "draining",
  "disabled",
  "stopped",
];

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** Labels and value; nothing where there is none. */
  readonly samples: (service: ServiceStatus) => readonly (readonly [labels: Labels, value: number | undefined])[];
}

type Labels = Readonly<Record<string, string>>;

const metrics: readonly Metric[] = [
  {
    name: "healthd_phase",
    type: "gauge",
    help: "1 for the phase a service is in.",
    samples: ({ phase }) => phases.map((each) => [{ phase: each }, each === phase ? 1 : 0]),
  },
  gauge("healthd_wanted", "1 if the address is to be announced.", ({ wanted }) => Number(wanted)),
  gauge("healthd_announced", "1 if the interface is up with its addresses.", ({ seen }) => Number(seen === "live")),
  gauge("healthd_lease_remaining_seconds", "Until the address goes without a check.", ({ leaseS }) => leaseS),
  gauge("healthd_hold_down_remaining_seconds", "Until it may come up again.", ({ heldS }) => heldS),
  gauge("healthd_flaps", "How often it went down since it was last up for ten minutes.", ({ flaps }) => flaps),
  gauge("healthd_last_ok_timestamp_seconds", "When a check last passed.", ({ lastOk }) => lastOk),
  {
    name: "healthd_checks_total",
    type: "counter",
    help: "Checks by result; unknown is healthd's own fault.",
    samples: ({ checks }) => Object.entries(checks).map(([result, count]) => [{ result }, count]),
  },
  {
    name: "healthd_check_seconds_total",
    type: "counter",
    help: "How long all checks took together.",
    samples: ({ checkSeconds }) => [[{}, checkSeconds]],
  },
  {
    name: "healthd_transitions_total",
    type: "counter",
    help: "Transitions by the phase they led to.",
    samples: ({ moves }) => Object.entries(moves).map(([to, count]) => [{ to }, count]),
  },
  {
    name: "healthd_action_failures_total",
    type: "counter",
    help: "Changes of interfaces that failed.",
    samples: ({ failedActs }) => [[{}, failedActs]],
  },
];

export function formatMetrics({ services, bgpd }: Status): string {
  const lines = metrics.flatMap(({ name, type, help, samples }) => {
    const all = services.flatMap((service) =>
      samples(service).flatMap(([labels, value]) =>
        value === undefined ? [] : [`${name}${formatLabels(service.name, labels)} ${value}`],
      ),
    );
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`].concat(all);
  });
  const routing = bgpd?.answers === undefined ? [] : [`healthd_bgpd_answers ${Number(bgpd.answers)}`];
  return [...lines, ...routing].map((line) => `${line}\n`).join("");
}

function gauge(name: string, help: string, valueOf: (service: ServiceStatus) => number | undefined): Metric {
  return { name, type: "gauge", help, samples: (service) => [[{}, valueOf(service)]] };
}

/** No value of ours holds what would have to be escaped: names and words alone. */
function formatLabels(service: string, labels: Labels): string {
  const all = Object.entries({ service, ...labels });
  return `{${all.map(([name, value]) => `${name}="${value}"`).join(",")}}`;
}
