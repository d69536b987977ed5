import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { actPattern, awaitActs } from "../../src/remote/acts.ts";
import { localExec } from "../../src/system/exec.ts";
import { until } from "../fakes/processes.ts";
import { fakeGuestNode } from "../fakes/guest.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

const pidsOf = async (pattern: string) =>
  (await localExec.try(["pgrep", "-f", pattern])).stdout.split("\n").filter(Boolean);

/** Whether a shell with the mark has this word in its arguments as well. */
async function isFound(word: string): Promise<boolean> {
  const [marked, others] = await Promise.all([pidsOf(actPattern), pidsOf(word)]);
  return marked.some((pid) => others.includes(pid));
}

describe("an act on a node", () => {
  it.each([
    ["a command that changes something", (line: string[]) => (node: Login) => node.run(line, { act: true })],
    ["one of a batch", (line: string[]) => (node: Login) => node.batch([line, ["true"]])],
    ["a choice", (line: string[]) => (node: Login) => node.choose([{ whether: ["true"], ifSo: line }])],
  ])("that is %s can be found when the connection is lost, until it ends", async (_, act) => {
    const node = fakeNode({ lasting: true });
    const token = `act-${randomUUID()}`;
    const line = ["sh", "-c", ': >"$ROOT/begun"; until [ -e "$ROOT/go" ]; do sleep 0.01; done', "sh", token];
    const session = await login(node);
    const acting = act(line)(session).catch((error: unknown) => error);
    await until(() => node.list("/").includes("begun"));
    node.cut();
    expect(await acting).toMatchObject({ code: "E_CONNECTION_LOST" });
    expect(await isFound(token)).toBe(true);
    node.write("/go", "");
    await vi.waitUntil(async () => !(await isFound(token)));
  });

  it("keeps its exit code and its words", async () => {
    const session = await login(fakeNode());
    const result = await session.try(["sh", "-c", "echo said; echo why >&2; exit 7"], { act: true });
    expect(result).toMatchObject({ exitCode: 7, stdout: "said\n", stderr: "why\n" });
  });
});

type Login = Awaited<ReturnType<typeof login>>;

describe("acts of a lost connection", () => {
  it("are waited for", async () => {
    const node = fakeGuestNode();
    node.write("/busy", "");
    // Somebody looks twice before it is over.
    node.program("sleep", 'if [ -e "$ROOT/once" ]; then rm "$ROOT/busy"; else : >"$ROOT/once"; fi');
    await awaitActs(await login(node));
    expect(node.list("/")).toContain("once");
  });

  it("that do not end are named, with node and way out", async () => {
    const node = fakeGuestNode();
    node.program("pgrep", 'case $1 in -fl) echo "77 ifreload --all" ;; esac');
    node.program("sleep", "exit 0");
    await expect(awaitActs(await login(node), 1)).rejects.toMatchObject({
      code: "E_STILL_AT_IT",
      message: "leaf01: what was begun over a lost connection has not ended in 1 s: 77 ifreload --all",
      hint: "lab ssh leaf01",
    });
  });

  it("are none on a node that cannot look for them", async () => {
    const node = fakeNode();
    node.program("pgrep", "exit 127");
    await awaitActs(await login(node));
    expect(node.commands).toHaveLength(1);
  });
});
