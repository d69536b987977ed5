/**
 * The acts for switches. Everything that writes system.conf is serialised host-wide by lockf(1), since sysrc has no lock of
 * its own (contract, section 6); the kernel drops the lock with the process. `TMPDIR` on the same file system makes
 * sysrc's `mv` atomic for those who only read.
 */
import type { Argv } from "../../kinds/kind.ts";
import type { Plan, Segment } from "../../plan/model.ts";
import type { Act, Wave } from "../driver.ts";
import type { Condition, Remedy, Setting } from "../proof.ts";
import { bridgeOf, configDirectory, hostLock, recordOf, systemConf } from "./place.ts";

/** Seconds to wait for other labs; each of their commands takes a fraction of one. */
const lockS = 120;

/** A command under the host's lock. */
export function locked(...argv: string[]): Argv {
  return [...lock, "env", `TMPDIR=${configDirectory}`, ...argv];
}

/** `-k`: lockf must not remove the file, on which others may wait. */
const lock = ["lockf", "-k", "-t", String(lockS), hostLock];

/** The last lab of the host takes the lock file with it; whoever comes claims its names before it wants the lock. */
export const removeLock: Act = {
  does: "remove the host's lock",
  argv: [...lock, "rm", "-f", hostLock],
  when: [{ is: "unclaimed" }, { is: "there", paths: [hostLock] }],
  timeoutMs: 10_000,
  mayFail: true,
};

const listed = (name: string): Setting => ["switch_list", name];
const typed = (name: string): Setting => [`type_${name}`, "standard"];
const has = (...settings: Setting[]): Condition => ({ is: "set", file: systemConf, settings });
const lacks = (...settings: Setting[]): Condition => ({ is: "unset", file: systemConf, settings });

/** That the switch is this lab's: its name is in the lab's record. */
export function isOurSwitch(owner: string, name: string): Condition {
  return { is: "set", file: recordOf(owner), settings: [["switches", name]] };
}

/** Puts back the key that a concurrent writer or sysrc's hyphen rule has lost, and without which nothing else works. */
function restoreType(name: string, seenBy: Condition): Remedy {
  return { when: [seenBy, lacks(typed(name))], argv: locked("sysrc", "-f", systemConf, `type_${name}=standard`) };
}

/** One act a wave: switches are made one by one. */
export function createSwitches(plan: Plan, owner: string, segments: readonly Segment[]): Wave[] {
  return segments.map((segment) => [createSwitch(plan, owner, segment)]);
}

function createSwitch(plan: Plan, owner: string, segment: Segment): Act {
  const { name } = segment;
  const address = hostAddress(plan, segment);
  // Options come before the name: whatever follows it is ignored without a word.
  const create = locked("vm", "switch", "create", ...(address === undefined ? [] : ["-a", address]), name);
  return {
    does: `make switch ${name}`,
    argv: create,
    needs: [isOurSwitch(owner, name)],
    proof: {
      holds: [has(listed(name), typed(name)), { is: "bridged", switch: name }],
      withinMs: 0,
      remedies: [
        // Creating it again puts the name back on the list and takes the bridge that is there.
        { when: [lacks(listed(name))] },
        restoreType(name, has(listed(name))),
        // The host was rebooted: bridges are made again from what is configured.
        { when: [has(listed(name), typed(name))], argv: locked("vm", "init") },
      ],
      hint: `vm switch list, and see ${systemConf}`,
    },
  };
}

/** The address of the hypervisor itself on a segment, with prefix length. */
function hostAddress(plan: Plan, segment: Segment): string | undefined {
  if (segment.kind === "management") return plan.management.host;
  const hosts = plan.nodes.filter(({ guest }) => guest.os === "host");
  return hosts.flatMap(({ interfaces }) => interfaces).find((port) => port.segment === segment.name)?.address;
}

/**
 * `vm switch create -m` ends at 9000 and a guest's taps take the bridge's MTU when it starts, so ifconfig sets it before.
 * All at once: nothing is written to a file.
 */
export function widenBridges(segments: readonly Segment[]): Act[] {
  return segments
    .filter(({ mtu }) => mtu !== 1500)
    .map(({ name, mtu }) => ({
      does: `set the MTU of switch ${name}`,
      argv: ["ifconfig", bridgeOf(name), "mtu", String(mtu)],
      timeoutMs: 10_000,
    }));
}

/** Routes of the client that is the hypervisor itself; they go with the bridge that leads to them. */
export function addRoutes(plan: Plan, made: ReadonlySet<string>): Act[] {
  const hosts = plan.nodes.filter(
    ({ guest, interfaces }) => guest.os === "host" && interfaces.some(({ segment }) => made.has(segment)),
  );
  return hosts.flatMap(({ routes }) =>
    routes.map(({ to, via }) => ({
      does: `route ${to} by ${via}`,
      argv: ["route", "-q", "add", "-net", to, via],
      timeoutMs: 10_000,
      // It is there already where only another segment was made.
      mayFail: true,
    })),
  );
}

export function destroySwitches(owner: string, names: readonly string[]): Wave[] {
  return names.map((name) => [destroySwitch(owner, name)]);
}

function destroySwitch(owner: string, name: string): Act {
  return {
    does: `remove switch ${name}`,
    argv: locked("vm", "switch", "destroy", name),
    when: [isOurSwitch(owner, name)],
    mayFail: true,
    proof: {
      holds: [lacks(listed(name), typed(name)), { is: "unbridged", switch: name }],
      withinMs: 0,
      remedies: [
        restoreType(name, has(listed(name))),
        restoreType(name, { is: "bridged", switch: name }),
        // "failed to remove": without its bridge, after a reboot of the host, nothing is removed.
        { when: [has(typed(name))], argv: locked("vm", "init") },
      ],
      hint: `vm switch destroy ${name}`,
    },
  };
}
