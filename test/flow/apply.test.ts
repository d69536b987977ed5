import { describe, expect, it } from "vitest";
import { applyFiles } from "../../src/flow/apply.ts";
import type { RenderedFile } from "../../src/plan/model.ts";
import { shareChecks } from "../../src/remote/check.ts";
import type { Session } from "../../src/remote/ssh.ts";
import { fakeGuestNode, guestNode, rendered } from "../fakes/guest.ts";
import { login } from "../fakes/ssh-server.ts";

const interfaces = rendered("/etc/network/interfaces", "auto swp1\n", "interfaces");
const frr = rendered("/etc/frr/frr.conf", "router bgp 1\n", "frr");
const dhcp = rendered("/etc/dnsmasq.conf", "port=0\n", "dhcp");
const web = rendered("/etc/httpd.conf", "Listen 80\n", "web");
const page = rendered("/srv/www/index.html", "server01\n", "nothing");
const all = [interfaces, frr, dhcp, web, page];
const paths = all.map(({ path }) => path);

const apply = (session: Session, files: readonly RenderedFile[]) =>
  applyFiles(guestNode(), session, files, shareChecks());

/** A node on which all of it runs. */
async function appliedNode() {
  const node = fakeGuestNode();
  const session = await login(node);
  await apply(session, all);
  node.told();
  return { node, session };
}

const changed = (file: RenderedFile) => ({ ...file, text: `${file.text}# changed\n` });

describe("files of a node on which nothing runs", () => {
  it("are written, interfaces are applied first, and every daemon is started", async () => {
    const node = fakeGuestNode();
    const applied = await apply(await login(node), all);
    expect(applied).toMatchObject({ written: paths, startsFrr: true });
    expect(node.told()).toEqual(["interfaces apply", "frr start", "dhcp restart", "web start"]);
    expect(all.map((file) => node.read(file.path))).toEqual(all.map(({ text }) => text));
    expect(all.map((file) => node.modeOf(file.path))).toEqual(all.map(({ mode }) => mode));
  });

  it("start what does not run even if no file differs", async () => {
    const node = fakeGuestNode();
    for (const file of all) node.write(file.path, file.text);
    expect(await apply(await login(node), all)).toMatchObject({ written: [], startsFrr: true });
    expect(node.told()).toEqual(["frr start", "dhcp restart", "web start"]);
  });

  it("start nothing that they are not for", async () => {
    const node = fakeGuestNode();
    expect(await apply(await login(node), [page])).toMatchObject({ written: [page.path], startsFrr: false });
    expect(node.told()).toEqual([]);
  });
});

describe("files of a node on which everything runs", () => {
  it("do nothing when none of them differs", async () => {
    const { node, session } = await appliedNode();
    const changes = node.changes.length;
    expect(await apply(session, all)).toMatchObject({ written: [], startsFrr: false });
    expect(node.told()).toEqual([]);
    expect(node.changes).toHaveLength(changes);
  });

  it.each([
    [interfaces, "interfaces apply"],
    [frr, "frr reload"],
    [dhcp, "dhcp restart"],
    [web, "web reload"],
  ])("make $applies alone notice when $path alone has changed", async (file, command) => {
    const { node, session } = await appliedNode();
    const files = all.map((one) => (one === file ? changed(file) : one));
    expect(await apply(session, files)).toMatchObject({ written: [file.path], startsFrr: false });
    expect(node.told()).toEqual([command]);
  });

  it("make nobody notice a page", async () => {
    const { node, session } = await appliedNode();
    expect((await apply(session, [changed(page)])).written).toEqual([page.path]);
    expect(node.told()).toEqual([]);
  });
});

describe("files of a node that is told in vain", () => {
  it.each(["interfaces apply", "frr reload", "dhcp restart", "web reload"])(
    "are an error, and applied by the next run, where `%s` fails",
    async (command) => {
      const { node, session } = await appliedNode();
      node.write("/broken", `${command}\n`);
      const files = all.map(changed);
      const daemon = command.split(" ")[0] ?? "";
      await expect(apply(session, files)).rejects.toMatchObject({
        code: "E_REMOTE_COMMAND",
        message: `leaf01: daemon ${command}: exit code 1\n    ${daemon} is broken`,
      });
      node.write("/broken", "");
      node.told();
      await apply(session, files);
      expect(node.told()).toEqual(["interfaces apply", "frr reload", "dhcp restart", "web reload"]);
      await apply(session, files);
      expect(node.told()).toEqual([]);
    },
  );

  it("change nothing at all when one of them is refused by its check", async () => {
    const { node, session } = await appliedNode();
    const files = [changed(interfaces), { ...frr, text: "wrong\n" }];
    await expect(apply(session, files)).rejects.toThrow("check frr /etc/frr/frr.conf: exit code 1\n    refused: wrong");
    expect(node.told()).toEqual([]);
    expect([node.read(interfaces.path), node.read(frr.path)]).toEqual([interfaces.text, frr.text]);
  });
});
