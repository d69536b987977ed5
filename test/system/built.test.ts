import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findBuilt } from "../../src/system/built.ts";
import type { Exec } from "../../src/system/exec.ts";

test.each([
  ["src/flow/deploy.ts", 1],
  ["dist/flow/deploy.js", 0],
])("a room is found built by %s, and compiled first if that is source", async (caller, compiled) => {
  const root = mkdtempSync(join(tmpdir(), "built-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const ran: (readonly string[])[] = [];
  const exec = {
    run: async (argv: readonly string[]) => {
      ran.push(argv);
      return { stdout: "", stderr: "" };
    },
  } as unknown as Exec;
  mkdirSync(join(root, "dist/healthd/machine"), { recursive: true });
  for (const name of ["main.js", "main.js.map", "machine/step.js"]) writeFileSync(join(root, "dist/healthd", name), "");
  const here = pathToFileURL(join(root, caller)).href;
  const folder = join(root, "dist/healthd");
  expect(await findBuilt(exec, "healthd", here)).toEqual({ folder, modules: ["machine/step.js", "main.js"] });
  expect(ran).toEqual(
    Array.from({ length: compiled }, () => [join(root, "node_modules/.bin/tsc"), "-p", join(root, "tsconfig.json")]),
  );
});
