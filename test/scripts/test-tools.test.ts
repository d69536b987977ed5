import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";

const root = new URL("../..", import.meta.url).pathname;

/** A machine that has nothing but Node.js and an apt-get that writes down what it is asked for. */
function setUp(): string {
  const place = makePlace();
  const calls = join(place, "calls");
  writeFileSync(join(place, "apt-get"), `#!/bin/sh\necho "apt-get $*" >>"${calls}"\n`);
  chmodSync(join(place, "apt-get"), 0o755);
  for (const program of ["/usr/bin/env", "/bin/sh"]) symlinkSync(program, join(place, program.split("/").at(-1) ?? ""));
  const { stderr } = spawnSync(process.execPath, ["--import", "tsx", "scripts/test-tools.ts"], {
    encoding: "utf8",
    cwd: root,
    env: { PATH: place, HOME: place },
  });
  return `${existsSync(calls) ? readFileSync(calls, "utf8") : ""}${stderr}`;
}

it("what the lab and what only its tests lack is installed, or refused, at once", () => {
  const installs = setUp()
    .split("\n")
    .filter((line) => line.includes("apt-get") && line.includes(" install "));
  expect(installs.length).toBeGreaterThan(0);
  for (const line of installs) expect(line).toMatch(/openssh-client .*mmdebstrap.* yamllint .*shellcheck/);
});
