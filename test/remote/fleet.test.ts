import { describe, expect, it } from "vitest";
import { makeKeyPair } from "../../src/remote/keys.ts";
import { fakeFleet } from "../fakes/fleet.ts";
import { until } from "../fakes/processes.ts";
import { fakeNode } from "../fakes/ssh-server.ts";

const makeNodes = () => ["leaf01", "leaf02"].map((name) => fakeNode({ name }));

describe("a fleet", () => {
  it("makes one connection to each node that is asked, shared by all who ask", async () => {
    const nodes = makeNodes();
    const fleet = fakeFleet(nodes);
    const results = await Promise.all([
      fleet.try("leaf01", ["echo", "1"]),
      fleet.try("leaf01", ["sh", "-c", "echo 2; exit 3"]),
      fleet.batch("leaf01", [["echo", "3"], ["false"]]).then((batch) => batch[0]),
      fleet.session("leaf01").then((session) => session.run(["echo", "4"])),
    ]);
    expect(results.map((result) => result?.stdout)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
    expect(results.map((result) => result?.exitCode)).toEqual([0, 3, 0, 0]);
    expect(fleet.tries).toEqual(["leaf01"]);
    expect(nodes.map(({ connections }) => connections)).toEqual([1, 0]);
  });

  it("opens one new connection, for all who ask, where the old one is closed", async () => {
    const nodes = makeNodes();
    const fleet = fakeFleet(nodes);
    const old = await fleet.session("leaf01");
    nodes[0]?.cut();
    await until(() => !old.isOpen());
    const results = await Promise.all([fleet.try("leaf01", ["echo", "1"]), fleet.batch("leaf01", [["echo", "2"]])]);
    expect(results.flat().map(({ stdout }) => stdout)).toEqual(["1\n", "2\n"]);
    expect(fleet.tries).toEqual(["leaf01", "leaf01"]);
    expect(await fleet.session("leaf01")).not.toBe(old);
  });

  it("does not remember a failed attempt, which all who waited share", async () => {
    const fleet = fakeFleet([]);
    const ask = () => fleet.try("absent", ["true"], { connectMs: 0 });
    expect(await Promise.allSettled([ask(), ask()])).toMatchObject([
      { reason: { code: "E_UNREACHABLE", node: "absent" } },
      { reason: { code: "E_UNREACHABLE", node: "absent" } },
    ]);
    expect(fleet.tries).toEqual(["absent"]);
    await expect(ask()).rejects.toThrow("absent: no SSH answer");
    expect(fleet.tries).toEqual(["absent", "absent"]);
  });

  it("waits a minute for a node that boots, unless it is told otherwise", async () => {
    const fleet = fakeFleet([]);
    await expect(fleet.session("absent")).rejects.toThrow("in 60 s");
    await expect(fleet.session("absent", 3000)).rejects.toThrow("in 3 s");
    await expect(fleet.batch("absent", [["true"]], { connectMs: 1000 })).rejects.toThrow("in 1 s");
  });

  it("pins the key of each node", async () => {
    const [node] = makeNodes();
    const fleet = fakeFleet(node === undefined ? [] : [node], { hostKeys: new Map([["leaf01", makeKeyPair()]]) });
    await expect(fleet.session("leaf01")).rejects.toMatchObject({ code: "E_HOST_KEY", node: "leaf01" });
  });

  it("runs commands of the hypervisor here, without SSH", async () => {
    const fleet = fakeFleet([]);
    expect((await fleet.try("hypervisor", ["id"])).stdout).toBe("here: id\n");
    const batch = await fleet.batch("hypervisor", [["id"], ["date"]]);
    expect(batch.map(({ stdout }) => stdout)).toEqual(["here: id\n", "here: date\n"]);
    expect(fleet.tries).toEqual([]);
  });

  it("takes a node that it does not know for a bug", async () => {
    await expect(fakeFleet([]).try("leaf09", ["true"])).rejects.toThrow(TypeError);
  });

  it("that is closed lets go of every connection, also of those on their way", async () => {
    const fleet = fakeFleet(makeNodes());
    const open = await fleet.session("leaf01");
    const opening = fleet.session("leaf02");
    const failing = fleet.session("absent").catch(() => "failed");
    fleet.close();
    await until(() => !open.isOpen());
    const late = await opening;
    await until(() => !late.isOpen());
    expect(await failing).toBe("failed");
  });
});
