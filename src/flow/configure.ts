/** The stages after boot, the same for every hypervisor: fabric, playbook, servers. */
import { join } from "node:path";
import type { Node, RenderedFile } from "../plan/model.ts";
import { isCutOff, runPlaybook } from "../remote/ansible.ts";
import { shareChecks } from "../remote/check.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { PlaybookFacts } from "../verify/model.ts";
import { type Applied, applyFiles, startFrr } from "./apply.ts";
import type { Design } from "./design.ts";
import { journalled } from "./journal.ts";
import type { Lab } from "./lab.ts";
import { mostLosses, overLosses } from "./losses.ts";
import type { State } from "./state.ts";
import { together } from "./together.ts";

export interface Configured {
  /** Files written, as `node:path`. */
  readonly written: readonly string[];
}

/** Routers, clients and the DHCP server: everything that does not wait for an address of its own. */
export function configureFabric(lab: Lab, design: Design, fleet: Fleet, told?: Told): Promise<Configured> {
  const nodes = design.plan.nodes.filter(({ role, guest }) => role !== "server" && guest.os !== "host");
  return configure(lab, design, fleet, nodes, told);
}

/** Servers are reached over the fabric, once DHCP has told them who they are. */
export function configureServers(lab: Lab, design: Design, fleet: Fleet, told?: Told): Promise<Configured> {
  const nodes = design.plan.nodes.filter(({ role }) => role === "server");
  return configure(lab, design, fleet, nodes, told);
}

/** Nodes whose FRR was told more than its files say, and is to forget it. */
type Told = ReadonlySet<string>;

async function configure(
  lab: Lab,
  design: Design,
  fleet: Fleet,
  nodes: readonly Node[],
  told: Told = new Set(),
): Promise<Configured> {
  const files = groupByNode(design.files);
  const checking = shareChecks();
  const apply = async (node: Node): Promise<Applied> => {
    const own = files.get(node.name) ?? [];
    return overLosses(lab, fleet, node.name, (session) =>
      journalled(lab.journal, `configure ${node.name}`, () =>
        applyFiles(node, session, own, checking, told.has(node.name)),
      ),
    );
  };
  const applied = await together(nodes, apply);
  await journalled(lab.journal, "load the configurations of FRR", () => startFrr(applied, together));
  return { written: applied.flatMap(({ node, written }) => written.map((path) => `${node.name}:${path}`)) };
}

function groupByNode(files: readonly RenderedFile[]): ReadonlyMap<string, readonly RenderedFile[]> {
  const groups = new Map<string, RenderedFile[]>();
  for (const file of files) {
    const group = groups.get(file.node);
    if (group === undefined) groups.set(file.node, [file]);
    else group.push(file);
  }
  return groups;
}

/**
 * sshd begins to refuse connections at random once ten have yet to log in (`MaxStartups`, sshd_config(5)), and behind another
 * machine each of Ansible's is one to that machine first.
 */
const mostForks = { here: 32, behind: 8 };

/**
 * Runs the anycast playbook on the leaves. Where the connection to the hypervisor is lost it is played again, which changes
 * nothing twice; leaves that were cut off count as changed, since nobody knows.
 */
export async function playAnycast(
  lab: Lab,
  design: Design,
  fleet: Fleet,
  onTask: (task: string) => void,
): Promise<PlaybookFacts> {
  const { callAgain } = lab.driver;
  const leaves = design.plan.nodes.filter((node) => node.role === "leaf");
  const forks = Math.max(1, Math.min(leaves.length, callAgain === undefined ? mostForks.here : mostForks.behind));
  const before: PlaybookFacts[] = [];
  for (;;) {
    try {
      return addUp([...before, await journalled(lab.journal, "play anycast.yaml", () => play(lab, forks, onTask))]);
    } catch (error) {
      if (!isCutOff(error) || callAgain === undefined || before.length === mostLosses) throw error;
      before.push(error.facts);
      await callAgain(lab.world.signal);
      // What it has begun on the leaves may still be under way.
      await together(leaves, ({ name }) => overLosses(lab, fleet, name, () => Promise.resolve(), 1));
    }
  }
}

function play({ world, state }: Lab, forks: number, onTask: (task: string) => void): Promise<PlaybookFacts> {
  const { exec, playbooks, signal } = world;
  return runPlaybook({
    exec,
    playbook: join(playbooks, "anycast.yaml"),
    config: join(playbooks, "ansible.cfg"),
    inventory: state.inventory,
    home: ansibleHome(state),
    forks,
    signal,
    onTask,
  });
}

/** What the last run says, and how much all of them have changed; a failure of an earlier one was cut off. */
function addUp(runs: readonly PlaybookFacts[]): PlaybookFacts {
  const last = runs.at(-1) ?? {};
  return Object.fromEntries(
    Object.entries(last).map(([host, { failed }]) => {
      const changed = runs.map((run) => run[host]).reduce((sum, one) => sum + (one?.changed ?? 0), 0);
      const cut = runs.slice(0, -1).reduce((sum, run) => sum + (run[host]?.failed ?? 0), 0);
      return [host, { changed: changed + cut, failed }];
    }),
  );
}

/** Where Ansible keeps its own files while it runs. */
export function ansibleHome(state: State): string {
  return join(state.directory, "ansible");
}
