/** Which topology and which lab a command means. */
import { readFile, readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Design } from "../flow/design.ts";
import { findLab, type Lab } from "../flow/lab.ts";
import { listLabs, locateState } from "../flow/state.ts";
import type { Hypervisor } from "../kinds/kind.ts";
import type { HostUrl } from "../remote/hypervisor/url.ts";
import { isMissing } from "../system/files.ts";
import { isTrouble, reasonOf, type Trouble, withPath } from "../system/trouble.ts";
import { checkLabName } from "../topology/lab-name.ts";
import type { Topology } from "../topology/topology.ts";
import type { AppContext } from "./context.ts";
import { whereItIs, whereToMake } from "./where.ts";

export interface Selection {
  readonly topology?: string;
  readonly name?: string;
  readonly hypervisor?: Hypervisor;
  readonly host?: HostUrl;
}

const suffix = ".lab.yaml";

/** The topology file that is meant: named, built in, the only one in this folder, or the reference. */
export async function selectTopology(context: AppContext, given: string | undefined): Promise<string> {
  const builtIn = join(context.home, "topologies");
  if (given !== undefined) {
    return /^[a-z0-9-]+$/.test(given) ? join(builtIn, `${given}${suffix}`) : resolve(context.cwd, given);
  }
  const here = (await readdir(context.cwd)).filter((name) => name.endsWith(suffix));
  const [only] = here;
  if (here.length > 1) {
    throw new UsageError({
      code: "E_WHICH_TOPOLOGY",
      message: `this folder has ${here.length} topologies: ${here.toSorted().join(", ")}`,
      hint: `say which: --topology ${here.toSorted()[0] ?? ""}`,
    });
  }
  return only === undefined ? join(builtIn, `anycast${suffix}`) : join(context.cwd, only);
}

/** Reads and checks a topology; problems are named by the path as the user would write it. */
export async function readTopology(context: AppContext, path: string): Promise<Topology> {
  const shown = showPath(context, path);
  // Loaded when there is something to read: most commands only look at a lab that is up.
  const { parseTopology } = await import("../topology/parse.ts");
  try {
    return parseTopology(await readFile(path, "utf8"), shown);
  } catch (caught) {
    const error = withPath(caught, path);
    if (!isTrouble(error)) throw error;
    if (!isMissing(error)) throw unreadable(shown, error);
    throw new UsageError({
      code: "E_NO_TOPOLOGY",
      message: `there is no topology ${shown}`,
      hint: `built-in ones: ${(await builtInNames(context)).join(", ")}; or lab generate > my.lab.yaml`,
    });
  }
}

/** A path as the user would write it. */
export function showPath(context: AppContext, path: string): string {
  const below = relative(context.cwd, path);
  return below === "" ? "." : below.startsWith("..") ? path : below;
}

function unreadable(shown: string, error: Trouble): UsageError {
  const hint = error.code === "EISDIR" ? `a topology is a file: ${join(shown, `NAME${suffix}`)}` : undefined;
  return new UsageError({
    code: "E_TOPOLOGY_FILE",
    message: `cannot read topology ${shown}: ${reasonOf(error)}`,
    hint: hint ?? "lab needs to read it: look at its owner and rights",
    cause: error,
  });
}

/** The lab to bring up, designed. */
export async function selectDesign(
  context: AppContext,
  selection: Selection,
): Promise<{ readonly design: Design; readonly topologyPath: string; readonly host?: HostUrl }> {
  const topologyPath = await selectTopology(context, selection.topology);
  const topology = await readTopology(context, topologyPath);
  const { designLab } = await import("../flow/design.ts");
  const lab = selection.name === undefined ? {} : { lab: checkLabName(selection.name) };
  const state = locateState(context.world.stateRoot, lab.lab ?? topology.name);
  const where = await whereToMake(state, selection, topology.hypervisor);
  const design = designLab(topology, { hypervisor: where.hypervisor, ...lab });
  return { design, topologyPath, ...(where.host !== undefined && { host: where.host }) };
}

/** The lab that exists already: named, by its topology, or the only one there is. */
export async function selectLab(context: AppContext, selection: Selection): Promise<Lab> {
  const name = selection.name === undefined ? await findName(context, selection) : checkLabName(selection.name);
  const { hypervisor, host } = await whereItIs(locateState(context.world.stateRoot, name), selection);
  return findLab(context.world, name, hypervisor, host);
}

async function findName(context: AppContext, selection: Selection): Promise<string> {
  const labs = await listLabs(context.world.stateRoot);
  const [only] = labs;
  if (selection.topology === undefined && labs.length === 1 && only !== undefined) return only;
  const path = await selectTopology(context, selection.topology);
  const { name } = await readTopology(context, path);
  if (selection.topology !== undefined || labs.length === 0 || labs.includes(name)) return name;
  throw new UsageError({
    code: "E_WHICH_LAB",
    message: `there are ${labs.length} labs: ${labs.join(", ")}`,
    hint: `say which: --name ${only ?? ""}`,
  });
}

/** Names of the topologies that come with the program. */
export async function builtInNames(context: AppContext): Promise<string[]> {
  const names = await readdir(join(context.home, "topologies"));
  return names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix));
}
