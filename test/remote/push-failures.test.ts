import { EventEmitter, once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { shareChecks } from "../../src/remote/check.ts";
import { type PushFile, pushFiles, settleFiles } from "../../src/remote/push.ts";
import { listRemote, readRemote } from "../../src/remote/sftp.ts";
import { until } from "../fakes/processes.ts";
import { type FakeNodeOptions, fakeNode, login } from "../fakes/ssh-server.ts";

const check = ["check", "--syntax"];
const file = (path: string, text: string): PushFile => ({ path, text, mode: 0o644, owner: "root:root", check });
const files = [file("/etc/a", "new a"), file("/etc/b", "new b"), file("/etc/c", "new c")];

/** A node with old files, and a tool that refuses what is wrong. */
function makeNode(options: FakeNodeOptions = {}) {
  const node = fakeNode(options);
  node.write("/etc/a", "old a");
  node.write("/etc/b", "old b");
  node.program("check", 'test "$1" = --syntax && ! grep -n wrong "$ROOT$2" >&2');
  return node;
}

function fullDisk(what: string): void {
  if (what === "write /etc/b.lab-new") throw new Error("no space left on device");
}

function expectUntouched(node: ReturnType<typeof makeNode>): void {
  expect(node.list("/etc")).toEqual(["a", "b"]);
  expect([node.read("/etc/a"), node.read("/etc/b")]).toEqual(["old a", "old b"]);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("files of which one is refused by the node's own tools", () => {
  it("stay as they are, all of them, and nothing is left beside them", async () => {
    const node = makeNode();
    const pushed = [...files, file("/etc/d", "first\nwrong\n")];
    await expect(pushFiles(await login(node), pushed, shareChecks())).rejects.toMatchObject({
      code: "E_REMOTE_COMMAND",
      message: "leaf01: check --syntax /etc/d: exit code 1\n    2:wrong",
    });
    expectUntouched(node);
  });

  it("are refused on every node that shares the check, and asked about once", async () => {
    const checking = shareChecks();
    const nodes = ["server01", "server02"].map((name) => makeNode({ name }));
    const pushes = nodes.map(async (node) => pushFiles(await login(node), [file("/etc/d", "wrong")], checking));
    expect(await Promise.allSettled(pushes)).toMatchObject([
      { reason: { message: "server01: check --syntax /etc/d: exit code 1\n    1:wrong" } },
      { reason: { message: "server02: check --syntax /etc/d: exit code 1\n    1:wrong" } },
    ]);
    expect(nodes.flatMap((node) => node.commands)).toHaveLength(1);
    nodes.forEach(expectUntouched);
  });

  it("stay as they are where the check itself does not end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const node = makeNode({ script: () => "hangs" });
    const pushing = pushFiles(await login(node), files, shareChecks());
    await until(() => node.commands.length === files.length);
    vi.advanceTimersByTime(60_000);
    await expect(pushing).rejects.toMatchObject({ code: "E_TIMEOUT" });
    expectUntouched(node);
  });
});

describe("files that cannot be written", () => {
  it("stay as they are, all of them; the error names node, file and reason", async () => {
    const node = makeNode({ onChange: fullDisk });
    await expect(pushFiles(await login(node), files, shareChecks())).rejects.toMatchObject({
      code: "E_SFTP",
      exitCode: 4,
      message: "leaf01: /etc/b.lab-new: no space left on device",
      hint: "lab ssh leaf01",
    });
    expectUntouched(node);
  });

  it("are named where a directory is in the way", async () => {
    const node = makeNode();
    const pushing = pushFiles(await login(node), [file("/etc", "text")], shareChecks());
    await expect(pushing).rejects.toThrow(/^leaf01: \/etc: EISDIR/);
    expectUntouched(node);
  });
});

describe("a connection that is lost while files are pushed", () => {
  it.each(["open /etc/a.lab-new", "write /etc/b.lab-new", "sync /etc/c.lab-new", "rename /etc/a.lab-new /etc/a"])(
    "is told at once, at `%s`",
    async (moment) => {
      const node = makeNode({ onChange: (what) => what === moment && node.cut() });
      const pushing = pushFiles(await login(node), files, shareChecks());
      const message = "leaf01: connection lost during: sftp";
      await expect(pushing).rejects.toMatchObject({ code: "E_CONNECTION_LOST", message });
    },
  );

  it("is told although another node's check was waited for", async () => {
    const node = makeNode();
    const other = new EventEmitter();
    const answer = { argv: check, exitCode: 0, stdout: "", stderr: "" };
    const checking = () => once(other, "checked").then(() => answer);
    const session = await login(node);
    const outcome = Promise.allSettled([pushFiles(session, files, checking)]);
    await until(() => node.changes.filter((change) => change.startsWith("sync")).length === files.length);
    node.cut();
    await until(() => !session.isOpen());
    other.emit("checked");
    expect(await outcome).toMatchObject([{ reason: { code: "E_CONNECTION_LOST" } }]);
  });

  it("has nothing to do with SFTP that ended alone: it is opened anew", async () => {
    const node = makeNode();
    const session = await login(node);
    await pushFiles(session, files, shareChecks());
    const ended = once(await session.sftp(), "close");
    node.endSftp();
    await ended;
    await settleFiles(session, files);
    expect(await pushFiles(session, files, shareChecks())).toEqual([]);
    expect(node.connections).toBe(1);
  });
});

describe("reading files of a node", () => {
  it("gives text and mode, names in a directory, and nothing for what is not there", async () => {
    const node = makeNode();
    node.write("/etc/a", "secret", 0o600);
    const sftp = await (await login(node)).sftp();
    expect(await readRemote(sftp, "/etc/a")).toEqual({ text: "secret", mode: 0o600 });
    expect(await listRemote(sftp, "/etc")).toEqual(["a", "b"]);
    expect([await readRemote(sftp, "/none"), await listRemote(sftp, "/none")]).toEqual([undefined, []]);
    await expect(readRemote(sftp, "/etc")).rejects.toThrow("EISDIR");
  });
});
