/** What becomes of a server's daemons: killed, or frozen, which is what a host without memory or disk looks like. */
import type { Argv } from "../../kinds/kind.ts";
import type { Node, Plan } from "../../plan/model.ts";
import { bfdMs, holdMs, toldMs } from "../limits.ts";
import type { Scenario } from "../model.ts";
import { reviveFrr, signalDaemon, signalFrr, signalWeb } from "../words.ts";
import { serversOf } from "./victims.ts";

interface Harm {
  readonly title: (server: Node) => string;
  readonly acts: (server: Node) => readonly Argv[];
  readonly repair: (server: Node, plan: Plan) => readonly Argv[];
  readonly startsAnew?: true;
  readonly turnWithinMs: (plan: Plan) => number;
}

function harming({ title, acts, repair, turnWithinMs, ...rest }: Harm): Scenario["faults"] {
  return (plan, service) =>
    serversOf(plan, service).map((server) =>
      Object.assign({}, rest, {
        title: title(server),
        node: server.name,
        acts: acts(server),
        repair: repair(server, plan),
        lost: { servers: [server.name] },
        turnWithinMs: turnWithinMs(plan),
      }),
    );
}

export const bgpdKill: Scenario = {
  name: "bgpd-kill",
  summary: "a server's bgpd is killed, then started again; its kernel resets the session",
  faults: harming({
    title: ({ name }) => `bgpd of ${name} is killed`,
    acts: () => [signalDaemon("bgpd", "KILL")],
    repair: (server, plan) => reviveFrr(server, plan.hypervisor),
    startsAnew: true,
    turnWithinMs: toldMs,
  }),
};

export const bgpdHang: Scenario = {
  name: "bgpd-hang",
  summary: "a server's bgpd hangs while BFD goes on: the hold timer ends the session",
  faults: harming({
    title: ({ name }) => `bgpd of ${name} is stopped`,
    acts: () => [signalDaemon("bgpd", "STOP")],
    repair: () => [signalDaemon("bgpd", "CONT")],
    turnWithinMs: holdMs,
  }),
};

export const bfddFreeze: Scenario = {
  name: "bfdd-freeze",
  summary: "a server's bfdd hangs while all else goes on: BFD ends the session",
  faults: harming({
    title: ({ name }) => `bfdd of ${name} is stopped`,
    acts: () => [signalDaemon("bfdd", "STOP")],
    repair: () => [signalDaemon("bfdd", "CONT")],
    turnWithinMs: bfdMs,
  }),
};

export const hostFreeze: Scenario = {
  name: "host-freeze",
  summary: "every daemon of a server hangs, FRR's and the web server's; its kernel still accepts connections",
  faults: harming({
    title: ({ name }) => `all daemons of ${name} are stopped`,
    acts: (server) => [signalWeb(server, "STOP"), ...signalFrr(server, "STOP")],
    repair: (server) => [...signalFrr(server, "CONT"), signalWeb(server, "CONT")],
    turnWithinMs: bfdMs,
  }),
};
