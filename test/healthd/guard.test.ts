/** FreeBSD's guard with a real shell and pretended base tools. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const guard = fileURLToPath(new URL("../../images/healthd/guard", import.meta.url));

test.each([
  ["fresh", 2, ""],
  ["as old as the lease", 3, ""],
  [
    "older than the lease",
    4,
    "logger -t healthd-guard no check of web was completed for 3 s: lo1 goes down\nifconfig lo1 down\n",
  ],
])("what was renewed and is %s", (_, ageS, told) => {
  const folder = mkdtempSync(join(tmpdir(), "healthd-guard-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["bin", "etc", "run"]) mkdirSync(join(folder, name));
  const file = join(folder, "told");
  const program = (name: string, script: string): void =>
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  for (const name of ["logger", "ifconfig"]) program(name, `echo "${name} $*" >>${file}`);
  program("stat", "echo 1000");
  program("date", `echo ${1000 + ageS}`);
  // As pwait(1) says that the process still lives when its time is over.
  program("pwait", '[ "$1 $2 $3" = "-t 1 4711" ] && exit 124');
  writeFileSync(join(folder, "etc/web.conf"), "prefix = 172.20.0.1/32\ninterface = lo1\nlease = 3\n");
  writeFileSync(join(folder, "run/web.alive"), "\n");
  // Of a service that nobody knows, and no name at all.
  writeFileSync(join(folder, "run/other.alive"), "\n");
  writeFileSync(join(folder, "pid"), "4711\n");
  const env = { PATH: `${folder}/bin:${process.env["PATH"]}`, GUARD_ONCE: "yes" };
  const words = [join(folder, "pid"), join(folder, "etc"), join(folder, "run")];
  expect(spawnSync(guard, words, { env, encoding: "utf8", timeout: 20_000 })).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(file, { encoding: "utf8", flag: "a+" })).toBe(told);
});
