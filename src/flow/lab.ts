/** One lab at hand: where its state is, how its hypervisor is driven, how its nodes are reached. */
import type { Driver, Observation } from "../drivers/driver.ts";
import type { Hypervisor } from "../kinds/kind.ts";
import type { Plan } from "../plan/model.ts";
import { type Fleet, openFleet } from "../remote/fleet.ts";
import { quoteForShell } from "../remote/quote.ts";
import { renderInventory } from "../render/inventory.ts";
import { renderSshConfig } from "../render/ssh-config.ts";
import type { Clock } from "../system/clock.ts";
import type { Exec } from "../system/exec.ts";
import { replaceFile } from "../system/files.ts";
import { type Journal, openJournal } from "./journal.ts";
import { ensureKeys, type LabKeys, locateState, type State } from "./state.ts";

/** What the command line hands to every flow; nothing else of the outside is used. */
export interface World {
  readonly exec: Exec;
  readonly clock: Clock;
  /** Directory of all labs' state. */
  readonly stateRoot: string;
  /** Directory of playbooks. */
  readonly playbooks: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** The driver of one lab. */
  readonly driverOf: (hypervisor: Hypervisor, state: State) => Promise<Driver>;
  /** Makes sure that the images of guests are there. */
  readonly ensureImages: (onProgress: (percent: number, doing: string) => void) => Promise<void>;
}

export interface Lab {
  readonly name: string;
  readonly world: World;
  readonly state: State;
  readonly driver: Driver;
  readonly journal: Journal;
}

export async function findLab(world: World, name: string, hypervisor: Hypervisor): Promise<Lab> {
  const state = locateState(world.stateRoot, name);
  return {
    name,
    world,
    state,
    driver: await world.driverOf(hypervisor, state),
    journal: openJournal(state.journal, world.clock),
  };
}

/** While the path to a node comes up, packets are lost: a new connection is far quicker than TCP's own retries. */
const retryS = 0.3;
/** What a person or Ansible waits for a connection. */
const patienceS = 10;

/** Connections to the nodes of a running lab. The caller closes the fleet. */
export function openLabFleet(lab: Lab, plan: Plan, keys: LabKeys): Fleet {
  const { exec, clock, signal } = lab.world;
  return openFleet({
    plan,
    identity: keys.identity,
    hostKeys: keys.hosts,
    clock,
    signal,
    openStream: (node) => {
      const argv = lab.driver.proxy(node, retryS);
      return argv === undefined ? undefined : () => exec.duplex(argv);
    },
    runOnHost: (argv, options) => exec.try(lab.driver.onHost(argv), options),
  });
}

/** Keys of every node that SSH reaches. */
export function keysOf(lab: Lab, plan: Plan): Promise<LabKeys> {
  const names = plan.nodes.filter((node) => node.reach.via !== "local").map((node) => node.name);
  return ensureKeys(lab.state, names);
}

/** Longest socket path of Linux is 107 characters, of which OpenSSH wants 58 for the name it makes. */
const longestSocketDirectory = 49;

/** What people and Ansible need to reach the nodes; written anew whenever the sandbox is another. */
export async function writeAccess(lab: Lab, plan: Plan, keys: LabKeys): Promise<void> {
  const { state, driver } = lab;
  const known = [...keys.hosts].map(([node, key]) => `${node} ${key.public}\n`).join("");
  const config = renderSshConfig(plan, {
    knownHosts: state.knownHosts,
    identity: state.identity,
    ...(state.sockets.length <= longestSocketDirectory ? { controlDirectory: state.sockets } : {}),
    proxyCommand: (node) => {
      const argv = driver.proxy(node, patienceS);
      return argv === undefined ? undefined : quoteForShell(argv);
    },
  });
  await Promise.all([
    replaceFile(state.knownHosts, known, 0o600),
    replaceFile(state.sshConfig, config, 0o600),
    replaceFile(state.inventory, renderInventory(plan, { sshConfig: state.sshConfig }), 0o600),
  ]);
}

/** Whether everything of this plan runs, and what does not. */
export function missingGuests(plan: Plan, seen: Observation): string[] {
  const running = new Set(seen.guests);
  return plan.nodes.filter((node) => node.guest.os !== "host" && !running.has(node.name)).map((node) => node.name);
}
