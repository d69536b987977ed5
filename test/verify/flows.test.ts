import { execFile, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../images/embedded/overlay/usr/libexec/lab/flows.mjs", import.meta.url));
const run = promisify(execFile);
const servers: Server[] = [];

/** A web server on the loopback that answers the n-th request by `answer(n)`: status and page, or nothing at all. */
async function serve(answer: (request: number) => { status: number; page: string } | undefined) {
  const ports = new Set<number | undefined>();
  let requests = 0;
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort);
    const reply = answer(requests);
    requests += 1;
    if (reply === undefined) request.socket.destroy();
    else response.writeHead(reply.status).end(reply.page);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ports };
}

async function count(url: string, flows: number, ...names: string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [script, "--url", url, "--count", String(flows), ...names]);
  return JSON.parse(stdout);
}

describe("the flow counter", () => {
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map(
        (server) =>
          new Promise((resolve) => {
            server.close(resolve);
          }),
      ),
    );
  });

  it("opens one connection from a fresh port per flow and counts who answered", async () => {
    const { url, ports } = await serve((request) => ({
      status: 200,
      page: `<html><body>\n<h1>It works!</h1>\n\nserver0${1 + (request % 4 === 0 ? 1 : 0)}\n</body></html>`,
    }));
    expect(await count(url, 100, "server01", "server02", "server03")).toEqual({
      total: 100,
      failed: 0,
      servers: { server01: 75, server02: 25, server03: 0 },
    });
    expect(ports.size).toBe(100);
  });

  it("counts errors, resets and pages that name nobody as failed", async () => {
    const answers = [{ status: 500, page: "server01" }, undefined, { status: 200, page: "server011" }];
    const { url } = await serve((request) => answers[request % answers.length]);
    expect(await count(url, 30, "server01")).toEqual({ total: 30, failed: 30, servers: { server01: 0 } });
  });

  it("goes on until its input ends, and then tells how slow it was and what failed", async () => {
    // One answer, and then none.
    const { url } = await serve((request) => (request === 0 ? { status: 200, page: "server01" } : undefined));
    const flags = ["--until-eof", "--concurrency", "1", "--pause", "20"];
    const child = spawn(process.execPath, [script, "--url", url, ...flags, "server01"]);
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout === "") child.stdin.end();
      stdout += text;
    });
    await new Promise((resolve) => {
      child.on("close", resolve);
    });
    const [first, last] = stdout.trim().split("\n");
    expect(first).toBe("{}");
    const seen = JSON.parse(last ?? "") as { total: number; slowestMs: number; errors: Record<string, number> };
    expect(seen).toMatchObject({ failed: seen.total - 1, servers: { server01: 1 } });
    expect(seen.slowestMs).toBeGreaterThanOrEqual(20);
    expect(Object.values(seen.errors).reduce((sum, number) => sum + number, 0)).toBe(seen.total - 1);
  });

  it("counts refused connections as failed", async () => {
    expect(await count("http://127.0.0.1:1/", 3, "server01")).toMatchObject({ total: 3, failed: 3 });
  });
});
