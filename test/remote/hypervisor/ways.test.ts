import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as listen } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { runAsClient } from "../../../src/drivers/vm-bhyve/client.ts";
import { fakeHypervisor } from "../../fakes/hypervisor.ts";
import { makePlace } from "../../fakes/place.ts";
import { until } from "../../fakes/processes.ts";

type AnyServer = Server | ReturnType<typeof listen>;
const servers: AnyServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function portOf(server: AnyServer): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

function local(bytes: Buffer): string {
  const path = join(makePlace(), "image");
  writeFileSync(path, bytes);
  return path;
}

describe("a stream to what lies behind a hypervisor", () => {
  it("is opened there, over the one connection, and carries both ways", async () => {
    const { host, node } = fakeHypervisor();
    const port = await portOf(listen((socket) => void socket.pipe(socket)));
    const stream = host.behind.openStream("127.0.0.1", port);
    stream.end("there and back");
    expect(await text(stream)).toBe("there and back");
    expect(node.forwarded).toEqual([`127.0.0.1:${port}`]);
    await host.run(["true"]);
    expect(node.connections).toBe(1);
  });

  it("fails where nobody answers, and where the hypervisor is gone", async () => {
    const { host } = fakeHypervisor();
    const failures: Error[] = [];
    const closed = host.behind.openStream("127.0.0.1", 1).on("error", (error) => failures.push(error));
    await until(() => closed.destroyed && failures.length === 1);
    const { host: gone } = fakeHypervisor({ known: "" });
    const never = gone.behind.openStream("127.0.0.1", 1).on("error", (error) => failures.push(error));
    await until(() => never.destroyed && failures.length === 2);
    expect(failures[1]).toMatchObject({ code: "E_HOST_KEY_UNKNOWN" });
  });

  it("to a process ends with it, and the process with the stream", async () => {
    const { host, node } = fakeHypervisor({ lasting: false });
    const stream = host.duplex(["cat"]);
    stream.end("echo");
    expect(await text(stream)).toBe("echo");
    const left = host.duplex(["sh", "-c", "echo $$ >pid; cat; echo >ended"]).on("error", () => undefined);
    await until(() => node.list("/").includes("pid"));
    left.end();
    await until(() => node.list("/").includes("ended"));
  });
});

describe("a file that is put on a hypervisor", () => {
  const block = 1024 * 1024;
  const whole = Buffer.alloc(3 * block + 17, "image of a guest\n");

  it("arrives whole, under its name only then, and tells how far it is", async () => {
    const { host, node } = fakeHypervisor();
    const seen: number[] = [];
    await host.put(local(whole), "there", (fraction) => seen.push(fraction));
    expect(readFileSync(node.path("/there")).equals(whole)).toBe(true);
    expect(seen.at(-1)).toBe(1);
    expect(node.list("/").filter((name) => name.startsWith("there"))).toEqual(["there"]);
    await host.put(local(Buffer.alloc(0)), "empty");
    expect(statSync(node.path("/empty")).size).toBe(0);
  });

  it("goes on where the connection was lost", async () => {
    const { host, node } = fakeHypervisor();
    let cut = false;
    const sizes: number[] = [];
    await host.put(local(whole), "there", (fraction) => {
      sizes.push(fraction);
      if (fraction > 0.7 && !cut) {
        cut = true;
        node.cut();
      }
    });
    expect(readFileSync(node.path("/there")).equals(whole)).toBe(true);
    expect(node.connections).toBe(2);
  });

  it("goes on where a former run has ended, unless it is another file by now", async () => {
    const { host, node } = fakeHypervisor();
    const path = local(whole);
    await host.put(path, "there");
    const { mtime } = statSync(path);
    const name = node.commands.flatMap((line) => /of=(\S+\.part)/.exec(line)?.[1] ?? [])[0] ?? "";
    writeFileSync(node.path(`/${name}`), whole);
    truncateSync(node.path(`/${name}`), 2 * block + 5);
    await host.put(path, "there");
    expect(node.commands.filter((line) => line.includes("seek=2")).length).toBe(1);
    expect(statSync(path).mtime).toEqual(mtime);
    expect(readFileSync(node.path("/there")).equals(whole)).toBe(true);
  });

  it("that cannot be written is an error with the reason", async () => {
    const { host } = fakeHypervisor();
    await expect(host.put(local(whole), "no/such/place")).rejects.toMatchObject({
      code: "E_PUT",
      message: expect.stringMatching(/no\/such\/place.*No such file/) as string,
    });
  });
});

describe("the client that is the hypervisor itself", () => {
  it("counts flows without a program there, each over a connection that its sshd opens", async () => {
    const { host, node } = fakeHypervisor();
    let served = 0;
    const server = createServer((_request, response) => {
      served += 1;
      response.end(served % 5 === 0 ? "nobody" : `It works! server0${1 + (served % 2)}`);
    });
    const url = `http://127.0.0.1:${await portOf(server)}/`;
    const argv = ["node", "/usr/libexec/lab/flows.mjs", "--url", url, "--count", "20", "--concurrency", "2"];
    const { exitCode, stdout } = await runAsClient(host, [...argv, "server01", "server02"]);
    expect(exitCode).toBe(0);
    const counts = JSON.parse(stdout) as { servers: Record<string, number> };
    expect(counts).toMatchObject({ total: 20, failed: 4 });
    expect((counts.servers["server01"] ?? 0) + (counts.servers["server02"] ?? 0)).toBe(16);
    expect(node.forwarded.length).toBe(20);
    expect(node.connections).toBe(1);
  });

  it("is asked everything else there", async () => {
    const { host } = fakeHypervisor();
    expect(await runAsClient(host, ["echo", "there"])).toMatchObject({ stdout: "there\n" });
  });
});
