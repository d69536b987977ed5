/** The acts for guests. Guests differ in everything they touch, so the same act for all of them is one wave. */
import type { Node, Plan } from "../../plan/model.ts";
import type { Act, Wave } from "../driver.ts";
import type { Condition } from "../proof.ts";
import { guestName } from "../../plan/names.ts";
import { guestConf, hasSeed, ownerKey } from "./conf.ts";
import { findImage } from "./images/catalogue.ts";
import { placeOf, supervisorOf, tapsOf, templateName } from "./place.ts";
import type { Timing } from "./timing.ts";

/** A guest as the hypervisor knows it. */
export interface Machine {
  readonly name: string;
  readonly node: Node;
}

/** The machines of these nodes; the hypervisor itself is none. */
export function machinesOf({ tag, nodes }: Plan, wanted: ReadonlySet<string>): Machine[] {
  return nodes
    .filter(({ name, guest }) => guest.os !== "host" && wanted.has(name))
    .map((node) => ({ name: guestName(tag, node.name), node }));
}

/** The name of the image that disks of a kind's guests are made of. */
export function imageOf(kind: string): string {
  return findImage(kind)?.name ?? kind;
}

/** That a guest is this lab's: its conf carries our mark. */
export function isOurGuest(owner: string, guest: string): Condition {
  return { is: "set", file: placeOf(guest).conf, settings: [[ownerKey, owner]] };
}

export function createGuests(owner: string, machines: readonly Machine[], timing: Timing): Wave {
  return machines.map(({ name, node }): Act => {
    const size = `${node.machine?.diskGiB ?? 0}G`;
    return {
      does: `make guest ${name}`,
      argv: ["vm", "create", "-t", templateName(owner), "-s", size, ...(hasSeed(node.guest.os) ? ["-C"] : []), name],
      needs: [
        { is: "free", switches: [], guests: [name] },
        { is: "gone", paths: [placeOf(name).conf] },
      ],
      timeoutMs: timing.copyMs,
      proof: {
        holds: [isOurGuest(owner, name)],
        // The conf comes first, the disk last.
        strict: true,
        withinMs: 0,
        hint: "lab down removes what there is of it",
      },
    };
  });
}

/** Written whole, over what `vm create` made of the template: a key that is there twice means one thing here and another there. */
export function writeConfs(owner: string, machines: readonly Machine[]): Wave {
  return machines.flatMap(({ name, node }): Act[] => {
    if (node.machine === undefined) return [];
    return [
      {
        does: `configure ${name}`,
        argv: ["tee", placeOf(name).conf],
        input: guestConf(owner, name, node, node.machine),
        needs: [isOurGuest(owner, name)],
        timeoutMs: 10_000,
      },
    ];
  });
}

/** One `vm start` for each guest: with several names it would pause between them. The supervisor it leaves goes on after us. */
export function startGuests(owner: string, machines: readonly Machine[], timing: Timing): Wave {
  return machines.map(({ name }): Act => {
    const { lock, vmm, log } = placeOf(name);
    return {
      does: `start ${name}`,
      argv: ["vm", "start", name],
      // A guest that runs already would pass for one that this has started.
      needs: [isOurGuest(owner, name), { is: "gone", paths: [vmm] }],
      outlives: true,
      timeoutMs: 30_000,
      proof: {
        holds: [{ is: "there", paths: [lock, vmm] }],
        withinMs: timing.startMs,
        steadyMs: timing.steadyMs,
        log: { path: log, fatal: /fatal;|bhyve exited with status [1-9]/ },
        hint: `see ${log} and bhyve.log beside it; lab down removes what there is`,
      },
    };
  });
}

/** The power button, then the plug. */
export function stopGuests(owner: string, names: readonly string[], timing: Timing): Wave[] {
  const stop = names.map((name): Act => ({
    does: `shut ${name} down`,
    argv: ["vm", "stop", name],
    ...ifOurs(owner, name, { is: "there", paths: [placeOf(name).vmm] }),
    timeoutMs: 30_000,
    proof: { holds: [isDown(name)], withinMs: timing.stopMs, hint: `vm poweroff -f ${name}` },
  }));
  const cut = names.map((name): Act => ({
    does: `switch ${name} off`,
    argv: ["vm", "poweroff", "-f", name],
    ...ifOurs(owner, name, { is: "there", paths: [placeOf(name).vmm] }),
    timeoutMs: 30_000,
    proof: { holds: [isDown(name)], withinMs: timing.goneMs, hint: `vm poweroff -f ${name}` },
  }));
  return [stop, cut];
}

/** `poweroff` returns before the supervisor has tidied up, and whatever comes next needs it gone. */
function isDown(name: string): Condition {
  const { lock, vmm } = placeOf(name);
  return { is: "gone", paths: [lock, vmm] };
}

/**
 * What a guest leaves whose supervisor was killed or whose host lost its power (contract, section 6): a supervisor that is
 * still starting it, a vmm, a lock of this host. A lock of another host is left, and with it the guest.
 */
export function clearRemains(owner: string, names: readonly string[], timing: Timing): Wave[] {
  const { goneMs } = timing;
  const clear = (act: (name: string) => Act): Wave => names.map((name) => act(name));
  return [
    clear((name) => ({
      does: `end what looks after ${name}`,
      argv: ["kill", "-TERM", supervisorOf(name)],
      ...ifOurs(owner, name),
      timeoutMs: 10_000,
    })),
    clear((name) => {
      const { vmm } = placeOf(name);
      return {
        does: `destroy the vmm of ${name}`,
        argv: ["bhyvectl", "--destroy", `--vm=${name}`],
        ...ifOurs(owner, name, { is: "there", paths: [vmm] }),
        timeoutMs: 10_000,
        proof: { holds: [{ is: "gone", paths: [vmm] }], withinMs: goneMs, hint: `bhyvectl --destroy --vm=${name}` },
      };
    }),
    clear((name) => {
      const { lock, vmm } = placeOf(name);
      return {
        does: `remove the stale lock of ${name}`,
        argv: ["rm", "-f", lock],
        ...ifOurs(
          owner,
          name,
          { is: "there", paths: [lock] },
          { is: "gone", paths: [vmm] },
          { is: "own-lock", path: lock },
        ),
        timeoutMs: 10_000,
      };
    }),
  ];
}

export function destroyGuests(owner: string, names: readonly string[], timing: Timing): Wave {
  return names.map((name): Act => {
    const { conf, lock } = placeOf(name);
    return {
      does: `remove ${name}`,
      argv: ["vm", "destroy", "-f", name],
      ...ifOurs(owner, name),
      timeoutMs: 60_000,
      proof: {
        holds: [{ is: "gone", paths: [conf] }],
        withinMs: timing.goneMs,
        // "locked": the supervisor is at its last steps.
        remedies: [{ when: [{ is: "there", paths: [conf] }] }],
        hint: `rm ${lock} if ${name} runs on no other host, then lab down`,
      },
    };
  });
}

const destroyEmpty = '[ -z "$(ls -A "$1")" ] || { echo "$1 is not empty" >&2; exit 1; }; zfs destroy "$2"';

/** Where `vm` has ZFS: what `vm create` leaves that was killed at its first step, unless somebody has put something into it. */
export function removeDatasets(names: readonly string[]): Wave {
  return names.map((name): Act => {
    const { dataset, directory, conf } = placeOf(name);
    return {
      does: `remove the empty ZFS dataset of ${name}`,
      argv: ["sh", "-c", destroyEmpty, "sh", directory, dataset],
      when: [
        { is: "there", paths: [directory] },
        { is: "gone", paths: [conf] },
      ],
      timeoutMs: 60_000,
      mayFail: true,
    };
  });
}

/** A directory without a conf is what `vm create` leaves that was killed at its first step; one that is not empty stays. */
export function removeDirectories(names: readonly string[]): Wave {
  return names.map((name): Act => {
    const { directory, conf } = placeOf(name);
    return {
      does: `remove the empty directory of ${name}`,
      argv: ["rmdir", directory],
      when: [
        { is: "there", paths: [directory] },
        { is: "gone", paths: [conf] },
      ],
      timeoutMs: 10_000,
      mayFail: true,
    };
  });
}

/** Taps outlive a supervisor that was killed; their description says whose they are. */
export function destroyTaps(names: readonly string[]): Wave {
  return names.map((name): Act => ({
    does: `remove leaked taps of ${name}`,
    argv: ["ifconfig", tapsOf(name), "destroy"],
    // The guest itself is gone by now, and its mark with it; one that is there still needs them.
    when: [{ is: "gone", paths: [placeOf(name).conf, placeOf(name).vmm] }],
    timeoutMs: 10_000,
    mayFail: true,
  }));
}

/** Nothing of it is done to a guest that is not ours, and nothing of it keeps the rest from being done. */
function ifOurs(owner: string, name: string, ...more: Condition[]): Pick<Act, "when" | "mayFail"> {
  return { when: [isOurGuest(owner, name), ...more], mayFail: true };
}
