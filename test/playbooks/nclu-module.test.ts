import { describe, expect, it } from "vitest";
import { fakeExec } from "../fakes/exec.ts";
import { hasNclu, packageHasNclu } from "./nclu-module.ts";

describe("the module of the nclu back end", () => {
  it.each([
    ["is found by its documentation", '{\n    "community.network.nclu": {\n        "doc": {', true],
    ["is missing, though Ansible ends with 0", "{}\n", false],
    ["is missing without Ansible", "", false],
  ])("%s", async (_, stdout, found) => {
    expect(await hasNclu(fakeExec(() => ({ stdout })))).toBe(found);
  });

  it.each([
    ["Debian 12", true, { stdout: "ansible:\n  Installed: (none)\n  Candidate: 7.7.0+dfsg-3+deb12u1\n" }],
    ["Ubuntu 24.04", true, { stdout: "ansible:\n  Installed: (none)\n  Candidate: 9.2.0+dfsg-0ubuntu5\n" }],
    ["Debian 13, which dropped it", false, { stdout: "ansible:\n  Installed: (none)\n  Candidate: 12.0.0+dfsg-1\n" }],
    ["an epoch before the version", false, { stdout: "ansible:\n  Candidate: 1:12.0.0-1\n" }],
    ["a machine without package lists, which installing fetches", true, { stdout: "" }],
    ["a machine without apt", false, { failure: "no such program on this machine" }],
  ])("may come with the package ansible (%s): %s", async (_, may, reply) => {
    expect(await packageHasNclu(fakeExec(() => reply))).toBe(may);
  });
});
