import { describe, expect, it } from "vitest";
import { combineErrors, CommandError, LabError, NodeError } from "../../src/errors.ts";
import { together } from "../../src/flow/together.ts";

const lost = new NodeError("leaf01", {
  code: "E_CONNECTION_LOST",
  message: "connection lost",
  hint: "lab logs leaf01",
});
const late = new NodeError("leaf02", { code: "E_TIMEOUT", message: "no end after 60 s" }, 5);
const failed = new CommandError(["ip", "link"], 1, "failed with exit code 1", "");
const bug = new TypeError("undefined is not a function");

describe("work side by side", () => {
  it("gives the results in the order of the items, whichever ends first", async () => {
    const begun: number[] = [];
    const results = await together([3, 1, 2], async (item) => {
      begun.push(item);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      return begun.length * 10 + item;
    });
    expect(results).toEqual([33, 31, 32]);
    expect(await together([], () => Promise.reject(bug))).toEqual([]);
  });

  it("runs to the end for every item before it throws what failed", async () => {
    let ended = 0;
    const work = together([lost, undefined, late, undefined], async (error) => {
      if (error !== undefined) throw error;
      await new Promise((resolve) => setImmediate(resolve));
      ended += 1;
    });
    await expect(work).rejects.toThrow("leaf01: connection lost\nleaf02: no end after 60 s");
    expect(ended).toBe(2);
  });

  it("throws the only error as it is", async () => {
    await expect(together([1, 2], (item) => (item === 2 ? Promise.reject(late) : Promise.resolve()))).rejects.toBe(
      late,
    );
  });
});

describe("several errors as one", () => {
  it("list all messages, with the first one's code and hint and the gravest exit code", () => {
    const error = combineErrors([lost, late, failed]) as LabError;
    expect(error).toBeInstanceOf(LabError);
    expect(error).toMatchObject({
      code: "E_CONNECTION_LOST",
      exitCode: 5,
      hint: "lab logs leaf01",
      message: "leaf01: connection lost\nleaf02: no end after 60 s\nip link: failed with exit code 1",
    });
    expect((error.cause as AggregateError).errors).toEqual([lost, late, failed]);
  });

  it("say what they have in common once", () => {
    const away = new LabError({ code: "E_HYPERVISOR_LOST", message: "hv was lost", hint: "once it answers: lab up" });
    expect(combineErrors([away, late, away])).toMatchObject({ message: "hv was lost\nleaf02: no end after 60 s" });
  });

  it("have no hint where the first has none", () => {
    expect(combineErrors([late, lost])).toMatchObject({ code: "E_TIMEOUT", hint: undefined });
  });

  it("are the bug among them, whose stack says more than a list", () => {
    expect(combineErrors([lost, bug, late])).toBe(bug);
    expect(combineErrors([bug])).toBe(bug);
  });

  it("are the only one as it is, and nothing where there is none", () => {
    expect(combineErrors([late])).toBe(late);
    expect(combineErrors([])).toBeUndefined();
  });
});
