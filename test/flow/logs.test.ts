import { describe, expect, it } from "vitest";
import { LabError } from "../../src/errors.ts";
import { ownLogs } from "../../src/flow/logs.ts";
import type { RemoteResult } from "../../src/remote/ssh.ts";

const nothing: RemoteResult = { argv: [], exitCode: 1, stdout: "", stderr: "tail: no such file" };
const silent = () => Promise.reject(new LabError({ code: "E_UNREACHABLE", message: "server01: no SSH answer" }));

describe("the logs of a virtual machine", () => {
  it("are its files, in one round trip, with nothing for what it does not have", async () => {
    const asked: string[] = [];
    const batch = (_: string, commands: readonly (readonly string[])[]) => {
      asked.push(...commands.map((argv) => argv.join(" ")));
      return Promise.resolve(
        commands.map((argv) =>
          argv.at(-1) === "/var/log/messages" ? { ...nothing, exitCode: 0, stdout: "bgpd up\n" } : nothing,
        ),
      );
    };
    const logs = await ownLogs({ batch }, "server01");
    expect(logs.filter(({ text }) => text !== "")).toEqual([{ name: "server01:/var/log/messages", text: "bgpd up\n" }]);
    expect(asked).toContain("tail -n 200 /var/log/frr/frr.log");
  });

  it("are why it does not answer, where it does not", async () => {
    expect(await ownLogs({ batch: silent }, "server01")).toEqual([
      { name: "server01: no answer", text: "server01: no SSH answer" },
    ]);
  });
});
