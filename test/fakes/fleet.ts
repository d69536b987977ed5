import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type Fleet, type FleetOptions, openFleet } from "../../src/remote/fleet.ts";
import { smallPlan } from "../verify/small-plan.ts";
import { fakeClock } from "./clock.ts";
import { guestNode } from "./guest.ts";
import { type FakeNode, hostKey, identity } from "./ssh-server.ts";

export interface FakeFleet extends Fleet {
  /** The node of each connection that was tried. */
  readonly tries: string[];
}

/** Nodes as one lab, with `absent`, which does not answer, and `hypervisor`, which is this machine. */
export function fakeFleet(nodes: readonly FakeNode[], given: Partial<FleetOptions> = {}): FakeFleet {
  const streams = new Map<string, () => Duplex>(nodes.map(({ target }) => [target.node, target.openStream]));
  const names = [...streams.keys(), "absent"];
  const tries: string[] = [];
  const fleet = openFleet({
    plan: {
      ...smallPlan,
      nodes: [
        ...names.map((name) => guestNode(name)),
        { ...guestNode("hypervisor"), reach: { via: "local", address: "127.0.0.1" } },
      ],
    },
    identity,
    hostKeys: new Map(names.map((name) => [name, hostKey])),
    clock: fakeClock(),
    signal: new AbortController().signal,
    openStream:
      ({ name }) =>
      () => {
        tries.push(name);
        return streams.get(name)?.() ?? connect("/no/such/socket");
      },
    runOnHost: async (argv) => ({ argv, exitCode: 0, stdout: `here: ${argv.join(" ")}\n`, stderr: "" }),
    ...given,
  });
  return { ...fleet, tries };
}
