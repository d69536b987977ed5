import { describe, expect, it } from "vitest";
import { applyFiles } from "../../src/flow/apply.ts";
import type { RenderedFile } from "../../src/plan/model.ts";
import { shareChecks } from "../../src/remote/check.ts";
import { fakeGuest, fakeGuestNode, guestNode, rendered } from "../fakes/guest.ts";
import { login } from "../fakes/ssh-server.ts";

const interfaces = rendered("/etc/network/interfaces", "auto swp1\n", "interfaces");
const frr = rendered("/etc/frr/frr.conf", "router bgp 1\n", "frr");
const daemons = rendered("/etc/frr/daemons", "bgpd=yes\n", "frr");
const all = [interfaces, frr, daemons];
const records = ["/var/lib/lab/etc/network/interfaces", "/var/lib/lab/etc/frr/frr.conf"];

/** A switch whose own tool went on with what we had begun. */
async function committed() {
  const node = fakeGuestNode();
  const session = await login(node);
  const apply = (files: readonly RenderedFile[]) =>
    applyFiles(guestNode("leaf01", { ...fakeGuest, backend: "nclu" }), session, files, shareChecks());
  const first = await apply(all);
  node.told();
  for (const { path, text } of [interfaces, frr]) node.write(path, `${text}# committed by NCLU\n`);
  return { node, apply, first };
}

describe("files that NCLU writes as well", () => {
  it("are begun with a record of how", async () => {
    const { first } = await committed();
    expect(first.written.toSorted()).toEqual([...all.map(({ path }) => path), ...records].toSorted());
  });

  it("are left as they are while we would begin them the same", async () => {
    const { node, apply } = await committed();
    expect((await apply(all)).written).toEqual([]);
    expect(node.told()).toEqual([]);
    expect(node.read(frr.path)).toContain("committed by NCLU");
  });

  it("are begun anew once we would begin them differently, and others are pushed as ever", async () => {
    const { node, apply } = await committed();
    const other = { ...frr, text: "router bgp 2\n" };
    const files = [interfaces, other, { ...daemons, text: "bgpd=yes\nbfdd=yes\n" }];
    expect((await apply(files)).written.toSorted()).toEqual([frr.path, daemons.path, records[1]].toSorted());
    expect(node.read(frr.path)).toBe(other.text);
    expect(node.told()).toEqual(["frr reload"]);
  });

  it("are begun anew where what reads them was never told", async () => {
    const { node, apply } = await committed();
    node.write("/broken", "frr reload\n");
    const other = [interfaces, { ...frr, text: "router bgp 3\n" }, daemons];
    await expect(apply(other)).rejects.toThrow("frr is broken");
    node.write("/broken", "");
    node.told();
    expect((await apply(other)).written).toContain(records[1]);
  });
});
