import { describe, expect, it } from "vitest";
import { shareChecks } from "../../src/remote/check.ts";

const result = (exitCode: number) => ({ argv: ["vtysh"], exitCode, stdout: "", stderr: "" });

describe("syntax checks of many nodes", () => {
  it("are made once for the same tool and text, whatever they say", async () => {
    const checking = shareChecks();
    let runs = 0;
    const run = () => Promise.resolve(result((runs += 1)));
    const texts = ["a", "a", "b", "a"];
    const codes = await Promise.all(texts.map((text) => checking(["vtysh"], text, run)));
    expect(codes.map(({ exitCode }) => exitCode)).toEqual([1, 1, 2, 1]);
    expect(await checking(["apache2"], "a", run)).toMatchObject({ exitCode: 3 });
  });

  it("are made again where the node that was asked is lost", async () => {
    const checking = shareChecks();
    const lost = checking(["vtysh"], "a", () => Promise.reject(new Error("connection lost")));
    const other = checking(["vtysh"], "a", () => Promise.resolve(result(0)));
    await expect(lost).rejects.toThrow("connection lost");
    expect(await other).toMatchObject({ exitCode: 0 });
  });
});
