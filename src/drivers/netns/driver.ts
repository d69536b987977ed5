/** The embedded hypervisor: Linux namespaces. Guests are started first, then their links, then they boot. */
import { randomBytes } from "node:crypto";
import { count } from "../../count.ts";
import type { Argv } from "../../kinds/kind.ts";
import type { Node, Plan, RenderedFile } from "../../plan/model.ts";
import type { Clock } from "../../system/clock.ts";
import { identify } from "../../system/processes.ts";
import type { Exec } from "../../system/exec.ts";
import { CommandError, HostError } from "../../errors.ts";
import type { Act, Build, Driver, Observation, Patience, Receipt, Removal, Wave } from "../driver.ts";
import { formatAsks, readAnswers, throwUnlessDone, toldEnd } from "./ask.ts";
import { linkBatch, presentSegments, unlinkBatches } from "./links.ts";
import { probeHost } from "./probe.ts";
import {
  endSandbox,
  enter,
  enterNetwork,
  findSandbox,
  resolvePid,
  sandboxFinder,
  sandboxPid,
  startArgv,
  type SandboxPlace,
} from "./sandbox.ts";
import { packTar } from "./tar.ts";

export interface NetnsOptions extends SandboxPlace {
  readonly exec: Exec;
  readonly clock: Clock;
  /** Standard error of the sandbox. */
  readonly log: string;
  /** `PATH` of this process. */
  readonly path: string;
}

const libexec = "/usr/libexec/lab";
/** Exit code of nsenter(1), as of a shell, for a program that is not there. */
const notThere = 127;

export function netnsDriver(options: NetnsOptions): Driver {
  const { exec, mark, unprivileged } = options;
  const inside = (...argv: string[]): Argv => enter(unprivileged, argv);
  const find = sandboxFinder(mark);
  const runningSandbox = () => {
    const pid = find();
    if (pid === undefined) {
      throw new HostError({ code: "E_NOT_RUNNING", message: "the lab's sandbox does not run", hint: "lab up" });
    }
    return pid;
  };

  return {
    name: "netns",
    probe: () => probeHost(options),
    build: (build) => buildWaves(build, startArgv(options), inside),
    remove: (removal) => removeWaves(removal, inside),
    removeAll: () => [[{ does: "end the sandbox", argv: ["kill", "-KILL", sandboxPid] }]],
    async perform(act, signal) {
      if (act.detached === true) {
        await exec.detach(act.argv, { log: options.log, timeoutMs: 20_000 });
        return;
      }
      const run = act.mayFail === true ? exec.try : exec.run;
      const { stdout } = await run(resolvePid(act.argv, runningSandbox()), {
        ...(act.input === undefined ? {} : { input: act.input }),
        signal,
        timeoutMs: act.timeoutMs ?? 120_000,
      });
      throwUnlessDone(act.guests ?? [], stdout);
    },
    observe: (plan) => observe(options, plan),
    destroy: () => destroy(options),
    proxy: (node, patience) => proxy(options, node, patience, runningSandbox),
    lastingProxy(node, patience) {
      const argv = proxy(options, node, patience, runningSandbox);
      const { startTime = "" } = identify(runningSandbox()) ?? {};
      return argv && ["sh", `${options.assets}/guard.sh`, String(runningSandbox()), startTime, ...argv];
    },
    async askGuests(asks) {
      const end = `lab-${randomBytes(9).toString("hex")}`;
      const argv = resolvePid(inside(`${libexec}/ask-all`, end), runningSandbox());
      const { stdout } = await exec.run(argv, { input: formatAsks(asks), timeoutMs: 30_000 });
      return readAnswers(stdout, end);
    },
    onHost: (argv) => resolvePid(inside(...argv), runningSandbox()),
  };
}

function buildWaves(build: Build, start: Argv, inside: (...argv: string[]) => Argv): Wave[] {
  const { plan, steps, seeds } = build;
  const guests = steps.flatMap((step) => (step.kind === "guest" ? [step.node] : []));
  const fresh = steps.some((step) => step.kind === "sandbox");
  const waves: Act[][] = [];
  if (fresh) {
    waves.push([{ does: "start the sandbox", argv: start, detached: true }]);
  }
  if (guests.length > 0) {
    const input = packTar(seeds.filter((file) => guests.includes(file.node)).map(seedEntry));
    waves.push([
      { does: "write first-boot files", argv: inside("tar", "-x", "-p", "-f", "-", "-C", "/lab/nodes"), input },
    ]);
    waves.push([
      { does: `start ${count(guests.length, "guest")}`, argv: inside(`${libexec}/start-guests`, ...guests) },
    ]);
  }
  const links = linkBatch(plan, steps, build.ports);
  const input = links !== "" || build.rerouted ? links + build.hostBatch : "";
  if (input !== "") {
    const does = links === "" ? "set up the hypervisor's own port" : `plug in ${count(build.ports.length, "port")}`;
    waves.push([{ does, argv: inside("ip", "-batch", "-"), input }]);
  }
  if (guests.length > 0) {
    waves.push([{ does: `boot ${count(guests.length, "guest")}`, argv: inside(`${libexec}/go`, ...guests) }]);
  }
  const asks = build.replugged.flatMap((node) => {
    const apply = plan.nodes.find(({ name }) => name === node)?.guest.interfaces?.apply;
    return apply === undefined ? [] : [{ node, argv: apply }];
  });
  if (asks.length > 0) {
    const argv = inside(`${libexec}/ask-all`, toldEnd);
    const does = `set up the ports of ${count(asks.length, "guest")} again`;
    waves.push([{ does, argv, input: formatAsks(asks), guests: asks.map(({ node }) => node) }]);
  }
  return waves;
}

function seedEntry(file: RenderedFile) {
  const [user = "root", group = "root"] = file.owner.split(":");
  return { path: `${file.node}/upper${file.path}`, text: file.text, mode: file.mode, user, group };
}

function removeWaves(removal: Removal, inside: (...argv: string[]) => Argv): Wave[] {
  const guests = removal.steps.flatMap((step) => (step.kind === "guest" ? [step.node] : []));
  const routes = forgetRoutes(removal, inside);
  const waves: Act[][] = routes.length === 0 ? [] : [[...routes]];
  if (guests.length > 0) {
    waves.push([{ does: `stop ${count(guests.length, "guest")}`, argv: inside(`${libexec}/stop-guests`, ...guests) }]);
  }
  const pulls = unlinkBatches(removal).map(({ guest, devices, batch }): Act => {
    return {
      does: `delete ${devices.join(", ")}${guest === undefined ? "" : ` of ${guest}`}`,
      argv: inside(...at(guest), "ip", "-force", "-batch", "-"),
      input: batch,
      // A link ends with either of its ends, so some of these are gone already.
      mayFail: true,
    };
  });
  if (pulls.length > 0) waves.push(pulls);
  return waves;
}

/**
 * What stands before a command that acts on a guest's network. Not `ip -netns`, which wants a /sys of that network and, in
 * the user namespace of an ordinary user, may not have one.
 */
function at(guest: string | undefined): Argv {
  return guest === undefined ? [] : ["nsenter", `--net=/run/netns/${guest}`, "--"];
}

/** In the namespaces of the nodes; the hypervisor's own is the sandbox's. */
function forgetRoutes({ plan, routes }: Removal, inside: (...argv: string[]) => Argv): readonly Act[] {
  const nodes = plan.nodes.filter(({ name }) => routes.some(({ node }) => node === name));
  return nodes.map(({ name, guest }): Act => {
    const old = routes.filter(({ node }) => node === name).map(({ route }) => route);
    return {
      does: `forget the way to ${old.map(({ to }) => to).join(", ")} on ${name}`,
      argv: inside(...at(guest.os === "host" ? undefined : name), "ip", "-force", "-batch", "-"),
      input: old.map(({ to, via }) => `route delete ${to} via ${via}\n`).join(""),
      mayFail: true,
    };
  });
}

async function observe(options: NetnsOptions, plan: Plan): Promise<Observation> {
  const pid = findSandbox(options.mark);
  if (pid === undefined) return { running: false, guests: [], ports: [], segments: [] };
  const argv = resolvePid(enter(options.unprivileged, [`${libexec}/alive`]), pid);
  const { stdout, exitCode, failure } = await options.exec.try(argv, { timeoutMs: 30_000 });
  // A sandbox without our programs was killed while it was made. Any other failure must not pass for an empty lab.
  if (exitCode === notThere) return { running: false, guests: [], ports: [], segments: [] };
  if (failure !== undefined) throw new CommandError(argv, exitCode, failure, "");
  const words = stdout.split("\n").map((line) => line.split(" "));
  const guests = words.flatMap(([kind, name = ""]) => (kind === "guest" ? [name] : []));
  const ports = words.flatMap(([kind, node = "", port = ""]) => (kind === "port" ? [{ node, interface: port }] : []));
  const bridges = new Set(words.flatMap(([kind, name = ""]) => (kind === "bridge" ? [name] : [])));
  return { running: true, guests, ports, segments: presentSegments(plan, ports, bridges) };
}

async function destroy(options: NetnsOptions): Promise<Receipt> {
  const { ended, left } = await endSandbox(options.mark, options.clock, 10_000);
  return {
    removed: { sandboxes: ended },
    left: left.map((pid) => `process ${pid} of the sandbox`),
  };
}

/**
 * In band, it starts from the place of a client on the network. The sandbox's own namespace is the place of the client
 * that is the hypervisor. Without `nodelay` each small packet of SSH would wait for the delayed ACK of the one before,
 * 40 ms a time.
 */
function proxy(options: NetnsOptions, node: Node, patience: Patience, pid: () => number): Argv | undefined {
  const { via, address, from } = node.reach;
  if (via === "local") return undefined;
  const waiting = `connect-timeout=${patience.attemptS},retry=${patience.retries},interval=0.1`;
  const connection = ["socat", "STDIO", `TCP4:${address}:22,nodelay,${waiting}`];
  const place = `/run/netns/${from ?? ""}`;
  const start = from === undefined ? connection : [`${libexec}/from`, place, ...connection];
  return resolvePid(enterNetwork(options, start), pid());
}
