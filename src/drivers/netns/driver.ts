/** The embedded hypervisor: Linux namespaces. Guests are started first, then their links, then they boot. */
import type { Argv } from "../../kinds/kind.ts";
import type { Node, Plan, RenderedFile, Step } from "../../plan/model.ts";
import type { Clock } from "../../system/clock.ts";
import type { Exec } from "../../system/exec.ts";
import { HostError } from "../../errors.ts";
import type { Act, Build, Driver, Observation, Receipt, Wave } from "../driver.ts";
import { linkBatch, unlinkBatch } from "./links.ts";
import { probeHost } from "./probe.ts";
import { endSandbox, enter, findSandbox, resolvePid, sandboxPid, startArgv, type SandboxPlace } from "./sandbox.ts";
import { packTar } from "./tar.ts";

export interface NetnsOptions extends SandboxPlace {
  readonly exec: Exec;
  readonly clock: Clock;
  /** Standard error of the sandbox. */
  readonly log: string;
}

const libexec = "/usr/libexec/lab";

export function netnsDriver(options: NetnsOptions): Driver {
  const { exec, mark, unprivileged } = options;
  const inside = (...argv: string[]): Argv => enter(unprivileged, argv);
  const runningSandbox = () => {
    const pid = findSandbox(mark);
    if (pid === undefined) {
      throw new HostError({ code: "E_NOT_RUNNING", message: "the lab's sandbox does not run", hint: "lab up" });
    }
    return pid;
  };

  return {
    name: "netns",
    probe: () => probeHost(options),
    build: (build) => buildWaves(build, startArgv(options), inside),
    remove: (plan, steps) => removeWaves(plan, steps, inside),
    removeAll: () => [[{ does: "end the sandbox", argv: ["kill", "-KILL", sandboxPid] }]],
    async perform(act, signal) {
      if (act.detached === true) {
        await exec.detach(act.argv, { log: options.log, timeoutMs: 20_000 });
        return;
      }
      await exec.run(resolvePid(act.argv, runningSandbox()), {
        ...(act.input === undefined ? {} : { input: act.input }),
        ...(signal === undefined ? {} : { signal }),
        timeoutMs: act.timeoutMs ?? 120_000,
      });
    },
    observe: () => observe(exec, mark, inside),
    destroy: () => destroy(options),
    proxy: (node) => proxy(node, inside, runningSandbox),
    onHost: (argv) => resolvePid(inside(...argv), runningSandbox()),
  };
}

function buildWaves(build: Build, start: Argv, inside: (...argv: string[]) => Argv): Wave[] {
  const { plan, steps, seeds } = build;
  const guests = steps.flatMap((step) => (step.kind === "guest" ? [step.node] : []));
  const segments = new Set(steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : [])));
  const waves: Act[][] = [];
  if (steps.some((step) => step.kind === "sandbox")) {
    waves.push([{ does: "start the sandbox", argv: start, detached: true }]);
  }
  if (guests.length > 0) {
    const input = packTar(seeds.filter((file) => guests.includes(file.node)).map(seedEntry));
    waves.push([
      { does: "write first-boot files", argv: inside("tar", "-x", "-p", "-f", "-", "-C", "/lab/nodes"), input },
    ]);
    waves.push([{ does: `start ${guests.length} guests`, argv: inside(`${libexec}/start-guests`, ...guests) }]);
  }
  if (segments.size > 0) {
    const input = linkBatch(plan, segments) + (steps.some((step) => step.kind === "sandbox") ? build.hostBatch : "");
    waves.push([{ does: `make ${segments.size} links`, argv: inside("ip", "-batch", "-"), input }]);
  }
  if (guests.length > 0) {
    waves.push([{ does: `boot ${guests.length} guests`, argv: inside(`${libexec}/go`, ...guests) }]);
  }
  return waves;
}

function seedEntry(file: RenderedFile) {
  const [user = "root", group = "root"] = file.owner.split(":");
  return { path: `${file.node}/upper${file.path}`, text: file.text, mode: file.mode, user, group };
}

function removeWaves(plan: Plan, steps: readonly Step[], inside: (...argv: string[]) => Argv): Wave[] {
  const guests = steps.flatMap((step) => (step.kind === "guest" ? [step.node] : []));
  const gone = new Set(guests);
  // A link ends with the namespace of either end; only links between guests that stay are removed by name.
  const segments = new Set(
    plan.segments
      .filter((segment) => steps.some((step) => step.kind === "segment" && step.segment === segment.name))
      .filter((segment) => !segment.ends.some((end) => gone.has(end.node)))
      .map((segment) => segment.name),
  );
  const waves: Act[][] = [];
  if (segments.size > 0) {
    waves.push([
      {
        does: `remove ${segments.size} links`,
        argv: inside("ip", "-force", "-batch", "-"),
        input: unlinkBatch(plan, segments),
      },
    ]);
  }
  if (guests.length > 0) {
    waves.push([{ does: `stop ${guests.length} guests`, argv: inside(`${libexec}/stop-guests`, ...guests) }]);
  }
  return waves;
}

async function observe(exec: Exec, mark: string, inside: (...argv: string[]) => Argv): Promise<Observation> {
  const pid = findSandbox(mark);
  if (pid === undefined) return { running: false, guests: [] };
  const result = await exec.try(resolvePid(inside(`${libexec}/alive`), pid), { timeoutMs: 10_000 });
  return { running: true, guests: result.stdout.split("\n").filter(Boolean) };
}

async function destroy(options: NetnsOptions): Promise<Receipt> {
  const { guests } = await observe(options.exec, options.mark, (...argv) => enter(options.unprivileged, argv));
  const sandboxes = await endSandbox(options.mark, options.clock, 10_000);
  const left = findSandbox(options.mark);
  return {
    removed: { sandboxes, guests: guests.length },
    left: left === undefined ? [] : [`process ${left} of the sandbox`],
  };
}

/** `nc` runs in the sandbox's pid namespace, so that no connection outlives the lab. */
function proxy(node: Node, inside: (...argv: string[]) => Argv, pid: () => number): Argv | undefined {
  if (node.reach.via === "local") return undefined;
  return resolvePid(inside("nc", node.reach.address, "22"), pid());
}
