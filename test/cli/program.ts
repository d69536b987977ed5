/** The whole program in this process, in a made-up place: streams are captured, and nothing of this machine is asked. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@stricli/core";
import { app } from "../../src/cli/app.ts";
import type { AppContext } from "../../src/cli/context.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import { designLab } from "../../src/flow/design.ts";
import { locateState, writeDesign } from "../../src/flow/state.ts";
import type { Exec, RunResult } from "../../src/system/exec.ts";
import { systemClock } from "../../src/system/clock.ts";
import { takeLock } from "../../src/system/lock.ts";
import { duo } from "../render/topologies.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** An empty folder that the program is called in. */
  readonly cwd: string;
  /** Commands that the program ran on this machine. */
  readonly ran: readonly (readonly string[])[];
  /** Calls it as a shell would. */
  lab(...words: readonly string[]): Promise<Outcome>;
  /** The same with variables set. */
  labWith(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Outcome>;
  /** Makes it look as if `duo` were up, under this name. */
  pretendUp(name: string): Promise<void>;
  /** Holds the lock of a lab, as another run would; the result lets it go. */
  hold(name: string): () => void;
  /** The first Ctrl-C. */
  interrupt(): void;
  write(file: string, text: string): void;
  remove(): void;
}

const noImages = () => Promise.reject(new Error("no images here"));
const home = join(import.meta.dirname, "..", "..");

/** `driver`, `exec` and `others` say what differs from a machine where all is well and nothing runs. */
export function makeProgram(
  driver: Partial<Driver> = {},
  exec: Partial<Exec> = {},
  others: Partial<AppContext["world"]> & { readonly images?: AppContext["images"] } = {},
): Program {
  const cwd = mkdtempSync(join(tmpdir(), "lab-cli-"));
  const stateRoot = join(cwd, "state");
  const ran: (readonly string[])[] = [];
  const interruption = new AbortController();
  const world = {
    ...makeWorld(stateRoot, { ...quietDriver, ...driver }, { ...recording(ran), ...exec }),
    signal: interruption.signal,
    ...others,
  };
  const labWith = async (env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Outcome> => {
    const out = { stdout: "", stderr: "" };
    const stream = (name: "stdout" | "stderr") => ({ write: (text: string) => void (out[name] += text) });
    const process = { stdout: stream("stdout"), stderr: stream("stderr"), env, exitCode: undefined };
    const { images = noImages } = others;
    const cache = join(cwd, "cache");
    const context = {
      process,
      cwd,
      home,
      world,
      cache,
      unprivileged: false,
      images,
      exitCode: undefined,
    } as unknown as AppContext;
    await run(app, [...words], { process: context.process, forCommand: () => context });
    return { code: context.exitCode ?? Number(context.process.exitCode ?? 0), ...out };
  };
  return {
    cwd,
    ran,
    lab: (...words) => labWith({}, ...words),
    labWith,
    async pretendUp(name) {
      const state = locateState(stateRoot, name);
      await mkdir(dirname(state.plan), { recursive: true });
      await writeDesign(state, designLab(duo, { hypervisor: "netns", lab: name }));
    },
    hold(name) {
      const lock = takeLock(locateState(stateRoot, name).lock, "lab up", "2026-01-01T00:00:00.000Z");
      return lock.taken ? () => lock.release() : () => undefined;
    },
    interrupt: () => interruption.abort(),
    write: (file, text) => writeFileSync(join(cwd, file), text),
    remove: () => rmSync(cwd, { recursive: true, force: true }),
  };
}

function makeWorld(stateRoot: string, driver: Driver, exec: Exec): AppContext["world"] {
  return {
    exec,
    clock: { ...systemClock, now: () => 0 },
    stateRoot,
    playbooks: join(home, "playbooks"),
    signal: new AbortController().signal,
    driverOf: () => Promise.resolve(driver),
    ensureImages: noImages,
  };
}

const quietDriver: Driver = {
  name: "netns",
  probe: () => Promise.resolve([{ what: "namespaces", status: "good" }]),
  build: ({ steps }) => [[{ does: `make ${steps.length} steps`, argv: ["make", "it so"], input: "line one\n" }]],
  remove: () => [],
  removeAll: () => [[{ does: "end the sandbox", argv: ["kill", "$SANDBOX"] }]],
  perform: () => Promise.reject(new Error("nothing is made here")),
  observe: () => Promise.resolve({ running: false, guests: [], ports: [], segments: [] }),
  destroy: () => Promise.resolve({ removed: { guests: 5 }, left: [] }),
  proxy: () => undefined,
  lastingProxy: () => undefined,
  askGuests: () => Promise.resolve(new Map()),
  onHost: (argv) => ["on-host", ...argv],
};

function recording(ran: (readonly string[])[]): Exec {
  const answer = (argv: readonly string[]): Promise<RunResult> => {
    ran.push(argv);
    return Promise.resolve({ argv, exitCode: 0, stdout: "", stderr: "", failure: undefined });
  };
  return {
    try: answer,
    run: answer,
    detach: () => Promise.reject(new Error("no processes here")),
    duplex: () => {
      throw new Error("no connections here");
    },
    interact: async (argv) => (await answer(argv)).exitCode ?? 1,
  };
}
