import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Driver } from "../../src/drivers/driver.ts";
import { deadStream } from "../fakes/nodes.ts";
import { makeProgram, type Program } from "./program.ts";

let program: Program;
afterEach(() => program.remove());

const done = (stage: string, changed = {}) =>
  `${JSON.stringify({ event: "stage", stage, state: "done", ...changed })}\n`;

/** `lab up` of duo, interrupted while it makes the first thing. Tells what was done after that, stage by stage. */
async function interruptedUp(running: boolean, journal?: string) {
  const acts: string[] = [];
  let destroyed = 0;
  const driver: Partial<Driver> = {
    observe: () => Promise.resolve({ running, guests: [], ports: [], segments: [] }),
    perform(act) {
      acts.push(act.does);
      if (acts.length === 1) program.interrupt();
      return Promise.resolve();
    },
    destroy() {
      destroyed += 1;
      return Promise.resolve({ removed: {}, left: [] });
    },
    proxy: () => ["connect"],
  };
  program = makeProgram(driver, {}, { ensureImages: () => Promise.resolve() });
  if (journal !== undefined) {
    await program.pretendUp("duo");
    writeFileSync(join(program.cwd, "state", "duo", "journal"), journal);
  }
  mkdirSync(join(program.cwd, "state"), { recursive: true });
  const { code, stderr } = await program.lab("up", "-t", "duo", "--plain");
  return { code, stderr, acts, destroyed, hasState: existsSync(join(program.cwd, "state", "duo")) };
}

describe("Ctrl-C in lab up", () => {
  it("takes down what it made where there was nothing", async () => {
    const { code, stderr, acts, hasState } = await interruptedUp(false);
    expect({ code, made: acts.length, hasState }).toEqual({ code: 130, made: 1, hasState: false });
    expect(stderr).toContain("interrupted: taking down what this run made\n");
  });

  it("takes down what it made where only state was left of a lab, as after a restart of the machine", async () => {
    const { code, acts, hasState } = await interruptedUp(false, done("build", { changed: true }) + done("verify"));
    expect({ code, made: acts.length, hasState }).toEqual({ code: 130, made: 1, hasState: false });
  });

  it("brings a lab back to the stage it was at, and no further", async () => {
    const { code, stderr, acts, destroyed, hasState } = await interruptedUp(true, done("build", { changed: true }));
    expect({ code, destroyed, hasState }).toEqual({ code: 130, destroyed: 0, hasState: true });
    expect(acts).toHaveLength(2);
    expect(stderr).toContain("interrupted: back to where duo was\n");
    expect(stderr.split("back to where duo was")[1]).not.toContain("Configure the fabric");
  });

  it("makes guests anew that it had taken further", async () => {
    // Connections are made for the stage after the build: the first is when it has begun.
    const acts: string[] = [];
    let destroyed = 0;
    program = makeProgram(
      {
        observe: () => Promise.resolve({ running: destroyed === 0, guests: [], ports: [], segments: [] }),
        perform: (act) => Promise.resolve(void acts.push(act.does)),
        destroy() {
          destroyed += 1;
          return Promise.resolve({ removed: {}, left: [] });
        },
        proxy: () => ["connect"],
      },
      {
        duplex() {
          program.interrupt();
          return deadStream();
        },
      },
      { ensureImages: () => Promise.resolve() },
    );
    await program.pretendUp("duo");
    writeFileSync(join(program.cwd, "state", "duo", "journal"), done("build", { changed: true }));
    const { code, stderr } = await program.lab("up", "-t", "duo", "--plain");
    // Once for the guests, and once more by the build that finds nothing.
    expect({ code, destroyed, acts: acts.length }).toEqual({ code: 130, destroyed: 2, acts: 2 });
    expect(stderr.split("back to where duo was")[1]).toMatch(/Build guests and links: 5 nodes/);
  });

  it("says what could not be undone, and exits 4", async () => {
    program = makeProgram(
      {
        perform: () => Promise.resolve(program.interrupt()),
        proxy: () => ["connect"],
        destroy: () => Promise.resolve({ removed: {}, left: ["a mount"] }),
      },
      {},
      { ensureImages: () => Promise.resolve() },
    );
    const { code, stderr } = await program.lab("up", "-t", "duo", "--plain");
    expect(code).toBe(4);
    expect(stderr).toContain("could not be undone");
    expect(stderr).toContain("  a mount\n");
  });
});
