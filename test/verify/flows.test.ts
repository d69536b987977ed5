import { execFile } from "node:child_process";
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

  it("counts refused connections as failed", async () => {
    expect(await count("http://127.0.0.1:1/", 3, "server01")).toMatchObject({ total: 3, failed: 3 });
  });
});
