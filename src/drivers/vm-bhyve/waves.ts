/** Steps → waves of acts, forwards and backwards: the order of everything on a vm-bhyve host. Pure. */
import type { Act, Build, Removal, Wave } from "../driver.ts";
import type { Condition } from "../proof.ts";
import { guestName } from "../../plan/names.ts";
import type { Plan } from "../../plan/model.ts";
import { recordText, templateText } from "./conf.ts";
import { removeConsoleLocks } from "./console-lock.ts";
import { fillDisks } from "./disks.ts";
import {
  clearRemains,
  createGuests,
  destroyGuests,
  destroyTaps,
  type Machine,
  machinesOf,
  removeDatasets,
  removeDirectories,
  startGuests,
  stopGuests,
  writeConfs,
} from "./guests.ts";
import { bridgeOf, recordOf, systemConf, tapsOf, templateOf } from "./place.ts";
import { addRoutes, createSwitches, destroySwitches, removeLock, widenBridges } from "./switches.ts";
import { visitConsoles, writeSeeds } from "./seed.ts";
import type { Timing } from "./timing.ts";

export interface Owned {
  readonly owner: string;
  readonly timing: Timing;
}

/** What a lab has on a host, by the names it has there. */
export interface Holdings {
  readonly guests: readonly string[];
  readonly switches: readonly string[];
}

export function holdingsOf({ tag, nodes, segments }: Plan): Holdings {
  return {
    guests: nodes.filter(({ guest }) => guest.os !== "host").map(({ name }) => guestName(tag, name)),
    switches: segments.map(({ name }) => name),
  };
}

/** Switches first and one by one, then guests side by side: `vm` commands of one phase do not disturb each other. */
export function buildWaves({ owner, timing }: Owned, build: Build): Wave[] {
  const { plan, steps, ports, seeds, cloned = [] } = build;
  const segments = plan.segments.filter(({ name }) =>
    steps.some((step) => step.kind === "segment" && step.segment === name),
  );
  const fresh = machinesOf(plan, new Set(steps.flatMap((step) => (step.kind === "guest" ? [step.node] : []))));
  // A virtual machine gets another NIC, or a NIC another switch, only by a start.
  const again = machinesOf(plan, new Set(ports.map(({ node }) => node))).filter(
    ({ name }) => !fresh.some((machine) => machine.name === name),
  );
  const started = [...fresh, ...again];
  const made = new Set(segments.map(({ name }) => name));
  const plugged = new Set(started.flatMap(({ node }) => node.interfaces.map(({ segment }) => segment)));
  const names = again.map(({ name }) => name);
  return withoutEmpty([
    segments.length + fresh.length === 0 ? [] : [claim(owner, plan, [...made], fresh)],
    fresh.length === 0 ? [] : [writeTemplate(owner)],
    ...createSwitches(plan, owner, segments),
    // The MTU of a bridge that was there does not survive a reboot of the host.
    [
      ...widenBridges(plan.segments.filter(({ name }) => made.has(name) || plugged.has(name))),
      ...addRoutes(plan, made),
    ],
    createGuests(owner, fresh, timing),
    ...fillDisks(owner, fresh, cloned, timing),
    ...stopGuests(owner, names, timing),
    writeConfs(owner, started),
    // Each asks the conf whose guest it is, which for a moment is empty while it is written.
    writeSeeds(owner, started, seeds),
    startGuests(owner, started, timing),
    ...visitConsoles(owner, fresh, seeds, timing),
  ]);
}

/** Before anything is made, so that whatever a killed run leaves is known to be ours. */
function claim(owner: string, plan: Plan, switches: readonly string[], fresh: readonly Machine[]): Act {
  const all = holdingsOf(plan);
  const guests = fresh.map(({ name }) => name);
  return {
    does: `claim the names of ${switches.length} switches and ${guests.length} guests`,
    argv: ["tee", recordOf(owner)],
    input: recordText(owner, all.switches, all.guests),
    needs: [{ is: "free", switches, guests }],
    timeoutMs: 10_000,
  };
}

function writeTemplate(owner: string): Act {
  const argv = ["tee", templateOf(owner)];
  return { does: "write the template of our guests", argv, input: templateText(owner), timeoutMs: 10_000 };
}

/** Takes steps and ports of a lab's old plan away from a lab that goes on. */
export function removeWaves({ owner, timing }: Owned, { plan, steps, ports }: Removal): Wave[] {
  const gone = new Set(steps.flatMap((step) => (step.kind === "guest" ? [step.node] : [])));
  const guests = machinesOf(plan, gone).map(({ name }) => name);
  const switches = steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : []));
  const pulled = ports
    .filter(({ node }) => !gone.has(node))
    .flatMap(({ node: name, interface: port }): Act[] => {
      const node = plan.nodes.find((candidate) => candidate.name === name);
      const segment = node?.interfaces.find((candidate) => candidate.name === port)?.segment;
      // With a switch, all that is plugged into it goes.
      if (segment === undefined || switches.includes(segment)) return [];
      const tap = tapsOf(guestName(plan.tag, name), segment);
      return [
        {
          does: `pull ${name} out of ${segment}`,
          argv: ["ifconfig", bridgeOf(segment), "deletem", tap],
          mayFail: true,
        },
      ];
    });
  return withoutEmpty([
    pulled,
    ...guestsDown(owner, guests, timing),
    ...destroySwitches(owner, switches),
    destroyTaps(guests),
    switches.length === 0 ? [] : [giveBack(owner, plan, guests, switches)],
  ]);
}

/** A name that is still claimed would be taken away from whoever has it next. */
function giveBack(owner: string, plan: Plan, guests: readonly string[], switches: readonly string[]): Act {
  const all = holdingsOf(plan);
  return {
    does: `give the names of ${switches.length} switches back`,
    argv: ["tee", recordOf(owner)],
    input: recordText(owner, without(all.switches, switches), without(all.guests, guests)),
    when: [goneSwitches(switches)],
    timeoutMs: 10_000,
  };
}

function without(names: readonly string[], gone: readonly string[]): readonly string[] {
  return names.filter((name) => !gone.includes(name));
}

/** Without its record, nobody would know that a switch that stays is ours. */
function goneSwitches(names: readonly string[]): Condition {
  const settings = names.flatMap((name) => [["switch_list", name] as const, [`type_${name}`, "standard"] as const]);
  return { is: "unset", file: systemConf, settings };
}

/** Takes everything away; `lab down` does exactly this with what it finds. */
export function teardownWaves({ owner, timing }: Owned, { guests, switches }: Holdings): Wave[] {
  return withoutEmpty([
    ...guestsDown(owner, guests, timing),
    ...destroySwitches(owner, switches),
    destroyTaps(guests),
    [
      { does: "remove the template of our guests", argv: ["rm", "-f", templateOf(owner)], mayFail: true },
      {
        does: "give the names back",
        argv: ["rm", "-f", recordOf(owner)],
        when: switches.length === 0 ? [] : [goneSwitches(switches)],
        mayFail: true,
      },
    ],
    [removeLock],
  ]);
}

function guestsDown(owner: string, guests: readonly string[], timing: Timing): Wave[] {
  return [
    ...stopGuests(owner, guests, timing),
    ...clearRemains(owner, guests, timing),
    removeConsoleLocks(owner, guests),
    destroyGuests(owner, guests, timing),
    removeDatasets(guests),
    removeDirectories(guests),
  ];
}

function withoutEmpty(waves: readonly Wave[]): Wave[] {
  return waves.filter((wave) => wave.length > 0);
}
