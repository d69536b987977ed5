import { describe, expect, it } from "vitest";
import { shareChecks } from "../../src/remote/check.ts";
import { type PushFile, pushFiles, settleFiles } from "../../src/remote/push.ts";
import type { Session } from "../../src/remote/ssh.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

/** A file of the login's own, whose owner need not be looked up. */
const file = (path: string, text: string, given: Partial<PushFile> = {}): PushFile => ({
  path,
  text,
  mode: 0o644,
  owner: "root:root",
  ...given,
});

const push = (session: Session, ...files: PushFile[]) => pushFiles(session, files, shareChecks());

describe("pushing files", () => {
  it("writes each to another name, syncs it, and only then puts it in its place", async () => {
    const node = fakeNode();
    node.write("/etc/hosts", "old");
    const written = await push(await login(node), file("/etc/hosts", "new"), file("/etc/motd", "hello"));
    expect(written).toEqual(["/etc/hosts", "/etc/motd"]);
    expect([node.read("/etc/hosts"), node.read("/etc/motd")]).toEqual(["new", "hello"]);
    expect(node.list("/etc")).toEqual(["hosts", "motd"]);
    const names = (verb: string) => node.changes.filter((change) => change.startsWith(verb)).toSorted();
    expect(names("open")).toEqual(["open /etc/hosts.lab-new", "open /etc/motd.lab-new"]);
    expect(names("rename")).toEqual(["rename /etc/hosts.lab-new /etc/hosts", "rename /etc/motd.lab-new /etc/motd"]);
    const syncs = names("sync").map((change) => node.changes.indexOf(change));
    const renames = names("rename").map((change) => node.changes.indexOf(change));
    expect(syncs).toHaveLength(2);
    expect(Math.max(...syncs)).toBeLessThan(Math.min(...renames));
  });

  it("leaves alone what has its content and mode already", async () => {
    const node = fakeNode();
    node.write("/etc/same", "é漢🦊", 0o640);
    node.write("/etc/text", "other", 0o640);
    node.write("/etc/mode", "text", 0o644);
    const mode = 0o640;
    const files = [
      file("/etc/same", "é漢🦊", { mode }),
      file("/etc/text", "text", { mode }),
      file("/etc/mode", "text", { mode }),
    ];
    expect(await push(await login(node), ...files)).toEqual(["/etc/text", "/etc/mode"]);
    expect(node.changes.filter((change) => change.includes("same"))).toEqual([]);
  });

  it("writes them again and again, until what reads them has been told", async () => {
    const node = fakeNode();
    const session = await login(node);
    const files = [file("/etc/hosts", "new", { mode: 0o640 })];
    expect(await push(session, ...files)).toEqual(["/etc/hosts"]);
    expect(await push(session, ...files)).toEqual(["/etc/hosts"]);
    await settleFiles(session, files);
    expect(await push(session, ...files)).toEqual([]);
    expect(node.modeOf("/etc/hosts")).toBe(0o640);
  });

  it("makes the directories that are missing, and no other", async () => {
    const node = fakeNode();
    node.write("/etc/frr/daemons", "");
    const paths = ["/etc/frr/lab.d/10-base.conf", "/etc/frr/lab.d/20-more.conf", "/srv/www/a/b/index.html"];
    await push(await login(node), ...paths.map((path) => file(path, path)));
    expect(paths.map((path) => node.read(path))).toEqual(paths);
    expect(node.list("/")).toEqual(["bin", "etc", "srv"]);
  });

  it.each([
    ["nothing", ""],
    ["more than a packet", "0123456789abcde\n".repeat(100_000)],
    ["letters of all kinds", "é漢🦊"],
  ])("takes %s as it is", async (_, text) => {
    const node = fakeNode();
    const session = await login(node);
    await push(session, file("/a", text));
    expect(node.read("/a") === text).toBe(true);
    node.write("/b", text);
    expect(await push(session, file("/b", text))).toEqual([]);
  });

  it("takes the place of a candidate that a crash has left", async () => {
    const node = fakeNode();
    node.write("/etc/a.lab-new", "a longer text than the new one", 0o666);
    await push(await login(node), file("/etc/a", "new", { mode: 0o600 }));
    expect(node.read("/etc/a")).toBe("new");
    expect(node.list("/etc")).toEqual(["a"]);
  });
});

describe("the owner of a pushed file", () => {
  const frr = { mode: 0o640, owner: "frr:frrvty" };

  it("is the number that the node itself knows, set before the mode", async () => {
    const node = fakeNode();
    node.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nfrr:x:42:43::/:/bin/false\n");
    node.write("/etc/group", "root:x:0:\nfrr:x:43:\nfrrvty:x:44:frr\n");
    await push(await login(node), file("/etc/frr.conf", "", frr), file("/etc/motd", ""));
    const owners = node.changes.filter((change) => change.startsWith("chown"));
    expect(owners).toEqual(["chown /etc/frr.conf.lab-new 42:44"]);
    const mode = node.changes.findIndex((change) => change.startsWith("chmod /etc/frr.conf.lab-new"));
    expect(mode).toBeGreaterThan(node.changes.indexOf(owners[0] ?? ""));
  });

  it.each([
    ["user", "user frr does not exist there", "root:x:0:0::/:\n", "frrvty:x:44:\n"],
    ["group", "group frrvty does not exist there", "frr:x:42:43::/:\n", "frr:x:43:\n"],
    ["anybody", "user frr does not exist there", "", ""],
  ])("that is no %s of the node fails before anything is written", async (_, why, passwd, group) => {
    const node = fakeNode();
    node.write("/etc/passwd", passwd);
    node.write("/etc/group", group);
    const session = await login(node);
    await expect(push(session, file("/etc/a", "a"), file("/etc/frr.conf", "", frr))).rejects.toMatchObject({
      code: "E_NO_SUCH_OWNER",
      exitCode: 4,
      message: `leaf01: ${why}`,
      hint: "is the package that makes it installed?",
    });
    expect(node.changes).toEqual([]);
  });
});
