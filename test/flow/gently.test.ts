import { describe, expect, it } from "vitest";
import { LabError } from "../../src/errors.ts";
import { gently } from "../../src/flow/gently.ts";
import type { JournalEvent } from "../../src/flow/journal.ts";
import type { RemoteResult } from "../../src/remote/ssh.ts";

function nodesOf(answer: (argv: readonly string[]) => Partial<RemoteResult>, isFreeBsd = false) {
  const events: JournalEvent[] = [];
  const notes: string[] = [];
  const fleet = {
    isFreeBsd: () => isFreeBsd,
    try: async (_: string, argv: readonly string[]): Promise<RemoteResult> => ({
      argv,
      exitCode: 0,
      stdout: "",
      stderr: "",
      ...answer(argv),
    }),
  };
  const journal = { write: (event: JournalEvent) => void events.push(event) };
  return { nodes: gently({ journal }, fleet, (text) => void notes.push(text)), events, notes };
}

const unreachable = () => {
  throw new LabError({ code: "E_UNREACHABLE", message: "server03: no SSH answer" });
};

describe("a gentle command", () => {
  it("is journalled before and after", async () => {
    const { nodes, events } = nodesOf(() => ({}));
    expect(await nodes.act("step back", "server03", ["vtysh"])).toBe(true);
    expect(events).toEqual([
      { event: "begin", act: "server03: step back", argv: ["vtysh"] },
      { event: "done", act: "server03: step back" },
    ]);
  });

  it("that fails is told, and stops nothing", async () => {
    const { nodes, notes } = nodesOf(() => ({ exitCode: 1, stderr: "no such table\n" }));
    expect(await nodes.act("remove pins", "spine01", ["nft"])).toBe(false);
    expect(notes).toEqual(["spine01: remove pins", "spine01: could not remove pins: no such table"]);
    expect(await nodes.ask("spine01", ["nft"])).toBeUndefined();
  });

  it("asks FreeBSD in its own words, and hands the answer over in those of Linux", async () => {
    const netstat = "tcp4       0      0 172.20.0.1.80          192.168.10.10.41002    ESTABLISHED\n";
    const { nodes } = nodesOf(([program]) => (program === "netstat" ? { stdout: netstat } : { exitCode: 127 }), true);
    const listing = await nodes.ask("server03", ["ss", "-H", "-t", "-a", "-n", "src", "172.20.0.1"]);
    expect(listing).toBe("ESTAB 0 0 172.20.0.1:80 192.168.10.10:41002\n");
  });

  it("to a node that does not answer is told, and stops nothing", async () => {
    const { nodes, notes } = nodesOf(unreachable);
    expect(await nodes.act("step back", "server03", ["vtysh"])).toBe(false);
    expect(await nodes.ask("server03", ["ss"])).toBeUndefined();
    expect(notes).toContain("server03: no SSH answer");
  });

  it("lets a bug of ours through", async () => {
    const { nodes } = nodesOf(() => {
      throw new TypeError("a bug");
    });
    await expect(nodes.ask("server03", ["ss"])).rejects.toThrow("a bug");
  });
});
