import { describe, expect, it } from "vitest";
import { applyFiles, startFrr } from "../../src/flow/apply.ts";
import { together } from "../../src/flow/together.ts";
import type { RenderedFile } from "../../src/plan/model.ts";
import { shareChecks } from "../../src/remote/check.ts";
import type { Session } from "../../src/remote/ssh.ts";
import { fakeGuest, fakeGuestNode, guestNode, rendered } from "../fakes/guest.ts";
import { login } from "../fakes/ssh-server.ts";

const fragment = rendered("/etc/frr/lab.d/10-base.conf", "hostname leaf01\n", "frr");
const daemons = rendered("/etc/frr/daemons", "bgpd=yes\n", "frr");
const frrConf = "/etc/frr/frr.conf";

const apply = (session: Session, ...files: RenderedFile[]) => applyFiles(guestNode(), session, files, shareChecks());

/** A node with a user for FRR, and a fragment that the playbook has made. */
function makeNode(name = "leaf01") {
  const node = fakeGuestNode({ name });
  node.write("/etc/passwd", "frr:x:42:43::/:\n");
  node.write("/etc/group", "frr:x:43:\n");
  node.write("/etc/frr/lab.d/50-anycast.conf", "router bgp 1\n");
  node.write("/etc/frr/lab.d/50-anycast.conf.lab-new", "left by a crash\n");
  return node;
}

describe("FRR's configuration in fragments", () => {
  it("is composed of all of them in order, ours and the playbook's, and owned by FRR", async () => {
    const node = makeNode();
    const applied = await apply(await login(node), fragment, daemons);
    expect(applied.written).toEqual([fragment.path, daemons.path, frrConf]);
    expect(node.read(frrConf)).toBe("hostname leaf01\nrouter bgp 1\n");
    expect(node.modeOf(frrConf)).toBe(0o640);
    expect(node.changes).toContain(`chown ${frrConf}.lab-new 42:43`);
    expect(node.told()).toEqual(["frr start"]);
  });

  it("is reloaded once a fragment has changed, whoever changed it, and only then", async () => {
    const node = makeNode();
    const session = await login(node);
    await apply(session, fragment, daemons);
    node.told();
    expect((await apply(session, fragment, daemons)).written).toEqual([]);
    expect(node.told()).toEqual([]);
    node.write("/etc/frr/lab.d/50-anycast.conf", "router bgp 2\n");
    expect((await apply(session, fragment, daemons)).written).toEqual([frrConf]);
    expect(node.told()).toEqual(["frr reload"]);
    const other = { ...fragment, text: "hostname leaf02\n" };
    expect((await apply(session, other, daemons)).written).toEqual([fragment.path, frrConf]);
    expect(node.told()).toEqual(["frr reload"]);
    expect(node.read(frrConf)).toBe("hostname leaf02\nrouter bgp 2\n");
  });

  it("stays as it is when FRR refuses the whole of it, and is tried again", async () => {
    const node = makeNode();
    const session = await login(node);
    await apply(session, fragment);
    const wrong = { ...fragment, text: "wrong\n" };
    const refusal = `check frr ${frrConf}: exit code 1\n    refused: wrong`;
    await expect(apply(session, wrong)).rejects.toThrow(refusal);
    await expect(apply(session, wrong)).rejects.toThrow(refusal);
    expect(node.read(frrConf)).toBe("hostname leaf01\nrouter bgp 1\n");
    node.told();
    await apply(session, { ...fragment, text: "hostname leaf03\n" });
    expect(node.told()).toEqual(["frr reload"]);
  });

  it("is no matter of a guest without FRR, nor are interfaces that it cannot apply", async () => {
    const { frr: _frr, interfaces: _interfaces, ...guest } = fakeGuest;
    const node = makeNode();
    const files = [rendered("/etc/rc.conf", "ifconfig_em0=DHCP\n", "interfaces"), fragment];
    const applied = await applyFiles(guestNode("server01", guest), await login(node), files, shareChecks());
    expect(applied).toMatchObject({ written: ["/etc/rc.conf", fragment.path], startsFrr: false });
    expect(node.told()).toEqual([]);
  });
});

describe("starting FRR on many nodes", () => {
  it("does each wave everywhere before the next, and leaves alone what runs", async () => {
    const names = ["spine01", "leaf01", "leaf02"];
    const told: string[] = [];
    const nodes = names.map(makeNode);
    nodes[1]?.write("/frr.runs", "");
    const applied = await together(nodes, async (node) =>
      applyFiles(guestNode(node.target.node), await login(node), [fragment], shareChecks()),
    );
    expect(applied.map(({ startsFrr }) => startsFrr)).toEqual([true, false, true]);
    expect(nodes.map((node) => node.told())).toEqual([["frr start"], ["frr reload"], ["frr start"]]);
    await startFrr(applied, async (some, work) => {
      told.push(some.map(({ node }) => node.name).join(" "));
      await together(some, work);
      told.push(...nodes.map((node) => node.told().join(" ")));
    });
    expect(told).toEqual(["spine01 leaf02", "frr load", "", "frr load"]);
  });

  it("does nothing where there is nothing to start", async () => {
    const waves: unknown[] = [];
    await startFrr([], async (some) => waves.push(some));
    expect(waves).toEqual([]);
  });
});
