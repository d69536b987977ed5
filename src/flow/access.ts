/** How the nodes of a lab are reached: by our own connections, and by the files that OpenSSH and Ansible read. */
import type { Patience } from "../drivers/driver.ts";
import type { Argv } from "../kinds/kind.ts";
import type { Plan } from "../plan/model.ts";
import { type Fleet, openFleet } from "../remote/fleet.ts";
import { quoteForShell } from "../remote/quote.ts";
import { renderInventory } from "../render/inventory.ts";
import { renderSshConfig } from "../render/ssh-config.ts";
import type { RunOptions, RunResult } from "../system/exec.ts";
import { replaceFile } from "../system/files.ts";
import { ensureKeys, type LabKeys } from "./keys.ts";
import type { Lab } from "./lab.ts";

/** While the path to a node comes up, packets are lost: a new connection is far quicker than TCP's own retries. */
const ours: Patience = { attemptS: 0.3, retries: 20 };
/** What a person or Ansible waits for a connection. */
const others: Patience = { attemptS: 10, retries: 0 };

/** Connections to the nodes of a running lab. The caller closes the fleet. */
export function openLabFleet(lab: Lab, plan: Plan, keys: LabKeys): Fleet {
  const { exec, clock, signal } = lab.world;
  return openFleet({
    plan,
    identity: keys.identity,
    hostKeys: keys.hosts,
    clock,
    signal,
    jump: (node) => lab.driver.jump?.(node),
    openStream: (node) => {
      const direct = lab.driver.openStream?.(node);
      if (direct !== undefined) return direct;
      const argv = lab.driver.proxy(node, ours);
      return argv === undefined ? undefined : () => exec.duplex(argv);
    },
    runOnHost: (argv, options) => runOnHost(lab, argv, options),
  });
}

/** A command of the client that is the hypervisor itself. */
export function runOnHost({ driver, world }: Lab, argv: Argv, options?: RunOptions): Promise<RunResult> {
  return driver.runOnHost?.(argv, options) ?? world.exec.try(driver.onHost(argv), options);
}

/** Keys of every node that SSH reaches. */
export function keysOf(lab: Lab, plan: Plan): Promise<LabKeys> {
  const names = plan.nodes.filter((node) => node.reach.via !== "local").map((node) => node.name);
  return ensureKeys(lab.state, names);
}

/** A socket's path has at most 103 characters on FreeBSD, 107 on Linux; OpenSSH wants 58 for the name it makes. */
const longestSocketDirectory = 45;

/** What people and Ansible need to reach the nodes; written anew whenever the sandbox is another. */
export async function writeAccess(lab: Lab, plan: Plan, keys: LabKeys): Promise<void> {
  const { state, driver } = lab;
  const known = [...keys.hosts].map(([node, key]) => `${node} ${key.public}\n`).join("");
  const config = renderSshConfig(plan, {
    knownHosts: state.knownHosts,
    identity: state.identity,
    ...(state.sockets.length <= longestSocketDirectory ? { controlDirectory: state.sockets } : {}),
    proxyJump: (node) => driver.jump?.(node),
    proxyCommand: (node) => {
      const argv = driver.lastingProxy(node, others);
      return argv === undefined ? undefined : quoteForShell(argv);
    },
  });
  await Promise.all([
    replaceFile(state.knownHosts, known, 0o600),
    replaceFile(state.sshConfig, config, 0o600),
    replaceFile(state.inventory, renderInventory(plan, { sshConfig: state.sshConfig }), 0o600),
  ]);
}
