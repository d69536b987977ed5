import { describe, expect, it } from "vitest";
import type { AppContext } from "../../src/cli/context.ts";
import { startProgress } from "../../src/cli/progress.ts";
import { formatProgress } from "../../src/report/progress.ts";

function written(stderr: object, flags: object, env = {}): string {
  let text = "";
  const stream = { write: (part: string) => void (text += part), ...stderr };
  const context = { process: { stderr: stream, stdout: stream, env } } as unknown as AppContext;
  const progress = startProgress(context, flags);
  progress.show(41, "unpacking packages");
  progress.show(50, `Unpacking ${"frr ".repeat(30)}`);
  progress.end();
  return text;
}

describe("the progress of a long piece of work", () => {
  it("is one line that is drawn again on a terminal, within its width", () => {
    const text = written({ isTTY: true, columns: 60 }, {});
    const lines = text.split("\r\u001B[2K").slice(1);
    expect(lines[0]).toBe("█████████░░░░░░░░░░░░░░░  41 %  unpacking packages");
    expect(lines[1]?.trimEnd()).toMatch(/^█{12}░{12}  50 % {2}Unpacking frr.*…$/);
    expect(lines[1]?.trimEnd().length).toBeLessThanOrEqual(59);
    expect(text.endsWith("\n")).toBe(true);
  });

  it.each([
    ["a pipe", {}, {}, {}],
    ["--plain", { isTTY: true }, { plain: true }, {}],
    ["--json", { isTTY: true }, { json: true }, {}],
    ["a build server", { isTTY: true }, {}, { CI: "1" }],
  ])("is a plain line for each news with %s", (_, stderr, flags, env) => {
    const text = written(stderr, flags, env);
    expect(text).toMatch(/^ 41 % unpacking packages\n 50 % Unpacking .*\n$/);
  });

  it("is full at the end and empty at the start, whatever it is given", () => {
    expect(formatProgress(0, "a")).toBe(`${"░".repeat(24)}   0 %  a`);
    expect(formatProgress(100, "b")).toBe(`${"█".repeat(24)} 100 %  b`);
    expect(formatProgress(104.5, "b")).toBe(formatProgress(100, "b"));
    expect(formatProgress(99.9, "c")).toMatch(/░ {2}99 %/);
  });
});
