/** The stages after boot, the same for every hypervisor: fabric, playbook, servers. */
import { join } from "node:path";
import type { Node, RenderedFile } from "../plan/model.ts";
import { runPlaybook } from "../remote/ansible.ts";
import { shareChecks } from "../remote/check.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { PlaybookFacts } from "../verify/model.ts";
import { type Applied, applyFiles, startFrr } from "./apply.ts";
import type { Design } from "./design.ts";
import { journalled } from "./journal.ts";
import type { Lab } from "./lab.ts";
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
    const session = await fleet.session(node.name);
    const work = () => applyFiles(node, session, files.get(node.name) ?? [], checking, told.has(node.name));
    return journalled(lab.journal, `configure ${node.name}`, work);
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

/** Runs the anycast playbook on the leaves. */
export function playAnycast(lab: Lab, design: Design, onTask: (task: string) => void): Promise<PlaybookFacts> {
  const { exec, playbooks, signal } = lab.world;
  const leaves = design.plan.nodes.filter((node) => node.role === "leaf").length;
  const play = () =>
    runPlaybook({
      exec,
      playbook: join(playbooks, "anycast.yaml"),
      config: join(playbooks, "ansible.cfg"),
      inventory: lab.state.inventory,
      home: ansibleHome(lab.state),
      forks: Math.max(1, Math.min(leaves, 32)),
      signal,
      onTask,
    });
  return journalled(lab.journal, "play anycast.yaml", play);
}

/** Where Ansible keeps its own files while it runs. */
export function ansibleHome(state: State): string {
  return join(state.directory, "ansible");
}
