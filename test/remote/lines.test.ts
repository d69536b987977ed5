import { describe, expect, it } from "vitest";
import { splitLines } from "../../src/remote/lines.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

function split(...pieces: readonly string[]): { readonly lines: readonly string[]; readonly endless: number } {
  const lines: string[] = [];
  let endless = 0;
  const feed = splitLines({ onLine: (line) => lines.push(line), onEndless: () => (endless += 1) });
  for (const piece of pieces) feed(piece);
  return { lines, endless };
}

describe("output that comes in pieces", () => {
  it.each([
    [["one\ntwo\n"], ["one", "two"]],
    [
      ["o", "ne\nt", "", "wo\n\n"],
      ["one", "two", ""],
    ],
    [["no end"], []],
    [[], []],
  ])("%j is these lines: %j", (pieces, lines) => {
    expect(split(...pieces)).toEqual({ lines, endless: 0 });
  });

  it("without an end is given up, once and for good", () => {
    const piece = "x".repeat(40_000);
    expect(split("one\n", piece, piece, piece, "\ntwo\n")).toEqual({ lines: ["one"], endless: 1 });
    expect(split(`${piece}${piece}\n`)).toEqual({ lines: [], endless: 1 });
  });
});

describe("a command that is followed", () => {
  it("hands on each line, keeps none, and ends when it is told to", async () => {
    const session = await login(fakeNode());
    const stop = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (lines.length === 3) stop.abort();
    };
    const script = "trap 'echo last; exit 0' INT; echo one; echo two; echo three; while :; do sleep 0.01; done";
    const result = await session.try(["sh", "-c", script], { onLine, signal: stop.signal });
    expect(lines).toEqual(["one", "two", "three", "last"]);
    expect(result).toMatchObject({ stdout: "", stderr: "" });
  });

  it("that prints a line without an end is an error", async () => {
    const session = await login(fakeNode({ name: "spine01" }));
    const script = "head -c 200000 /dev/zero | tr '\\0' x; exec sleep 60";
    await expect(session.try(["sh", "-c", script], { onLine: () => undefined })).rejects.toMatchObject({
      code: "E_OUTPUT",
      node: "spine01",
    });
  });
});
