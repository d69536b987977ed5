/** The sandbox of an ordinary user is root in a user namespace only; root can have one made to see what that forbids. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { leftovers, makePlace, notPassed } from "./lab.ts";

/** The pid of a process in a user namespace where everybody is who they are outside, and nobody has a right outside. */
async function makeUserNamespace(): Promise<{ readonly pid: number; end(): void }> {
  const child = spawn("unshare", ["--user", "sh", "-c", "echo; read -r _"], { stdio: ["pipe", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${pid}/${map}`, "0 0 65536\n");
  return { pid, end: () => child.stdin.end() };
}

// Without root, every other test is in one already.
it.runIf(process.getuid?.() === 0)("in a user namespace, a lab comes up, stays as it is, and goes", async () => {
  const namespace = await makeUserNamespace();
  const place = makePlace({}, ["nsenter", "--user", `--target=${namespace.pid}`, "--"]);
  try {
    const first = await place.up("-t", "duo");
    expect({ code: first.code, failed: notPassed(first) }).toEqual({ code: 0, failed: [] });
    expect(await place.up("-t", "duo")).toMatchObject({ code: 0, changed: false, reasons: [] });
  } finally {
    expect((await place.run("down", "-n", "duo")).code).toBe(0);
    namespace.end();
  }
  expect(leftovers(place)).toEqual([]);
  place.remove();
});
