import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { makeBatch } from "../../src/remote/batch.ts";
import { type Choice, quoteChoice, quoteForShell } from "../../src/remote/quote.ts";

/** What a real shell makes of it. */
function run(commands: readonly string[]) {
  const batch = makeBatch(commands);
  const { stdout, stderr } = spawnSync("sh", ["-c", batch.command], { encoding: "utf8" });
  return batch.split(stdout, stderr);
}

describe("a batch", () => {
  it("tells apart what each command printed, on both streams, and how it ended", () => {
    const commands = ["printf one", "echo two; echo oops >&2", "false", "echo four", "sh -c 'exit 7'"];
    expect(run(commands)).toEqual([
      { exitCode: 0, stdout: "one", stderr: "" },
      { exitCode: 0, stdout: "two\n", stderr: "oops\n" },
      { exitCode: 1, stdout: "", stderr: "" },
      { exitCode: 0, stdout: "four\n", stderr: "" },
      { exitCode: 7, stdout: "", stderr: "" },
    ]);
  });

  it("keeps the parts that ended before the channel did", () => {
    expect(run(["echo one", "kill -KILL $$", "echo three"])).toEqual([{ exitCode: 0, stdout: "one\n", stderr: "" }]);
    expect(makeBatch(["true"]).split("", "")).toEqual([]);
  });

  it("is not misled by output that looks like its own marks", () => {
    const tricky = "\nlab-0123456789abcdef01 0\n";
    expect(run([quoteForShell(["printf", "%s", tricky]), "echo next"])).toEqual([
      { exitCode: 0, stdout: tricky, stderr: "" },
      { exitCode: 0, stdout: "next\n", stderr: "" },
    ]);
  });
});

const choose = (choice: Choice) => execFileSync("sh", ["-c", quoteChoice(choice)], { encoding: "utf8" });

describe("a choice", () => {
  it("runs one of two commands and tells which", () => {
    const commands = { ifSo: ["echo", "it is"], ifNot: ["echo", "it is not"] };
    expect(choose({ whether: ["sh", "-c", "echo noise"], ...commands })).toBe("yes\nit is\n");
    expect(choose({ whether: ["false"], ...commands })).toBe("no\nit is not\n");
  });

  it("does nothing where nothing is to be done", () => {
    expect(choose({ whether: ["true"] })).toBe("yes\n");
    expect(choose({ whether: ["/no/such/program"] })).toBe("no\n");
  });

  it("takes words of any content literally", () => {
    expect(choose({ whether: ["true"], ifSo: ["printf", "%s", "a'b; $(c)"] })).toBe("yes\na'b; $(c)");
  });
});
