import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { download, type DownloadOptions } from "../../src/drivers/vm-bhyve/images/download.ts";
import { fakeClock } from "../fakes/clock.ts";
import { makePlace } from "../fakes/place.ts";
import { sendFile, serve } from "../fakes/web-server.ts";

const file = randomBytes(100_000);
const other = randomBytes(80_000);
type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** The connection breaks whenever the client has got as much of the file as this. */
async function fetchFrom(answer: Answer, options: Partial<DownloadOptions> = {}, cuts: readonly number[] = []) {
  const server = await serve(answer);
  const directory = makePlace();
  const path = join(directory, "image");
  const clock = fakeClock();
  const onBytes: DownloadOptions["onBytes"] = (done, total) => {
    options.onBytes?.(done, total);
    if (cuts.includes(done)) server.cut();
  };
  const get = () => download(`${server.url}image`, path, { clock, ...options, onBytes });
  return { ...server, get, path, clock, entries: () => readdirSync(directory).toSorted() };
}

describe("a download", () => {
  it("that is cut goes on where it was, and tells how far it is", async () => {
    const seen: (readonly [number, number | undefined])[] = [];
    const { get, path, asked, entries } = await fetchFrom(
      (request, response, count) =>
        sendFile(request, response, file, { etag: '"a"', ...(count < 3 && { cutAfter: 30_000 }) }),
      { onBytes: (done, total) => void seen.push([done, total]) },
      [30_000, 60_000],
    );
    await get();
    expect(readFileSync(path).equals(file)).toBe(true);
    expect(asked).toEqual(["/image", "/image bytes=30000-", "/image bytes=60000-"]);
    expect(seen.at(-1)).toEqual([100_000, 100_000]);
    expect(entries()).toEqual(["image"]);
  });

  it("that an earlier run has begun goes on", async () => {
    let cut = true;
    const { get, path, asked, entries } = await fetchFrom(
      (request, response) => sendFile(request, response, file, { etag: '"a"', ...(cut && { cutAfter: 30_000 }) }),
      { patience: 0 },
      [30_000],
    );
    await expect(get()).rejects.toMatchObject({
      code: "E_DOWNLOAD",
      hint: expect.stringContaining("goes on") as string,
    });
    expect(entries()).toEqual(["image.part", "image.part.json"]);
    cut = false;
    await get();
    expect(readFileSync(path).equals(file)).toBe(true);
    expect(asked.at(-1)).toBe("/image bytes=30000-");
  });

  it.each([
    ["the server knows no ranges", { etag: '"a"', ranges: false }],
    ["the server tells no version", {}],
    ["the version is a weak one", { etag: 'W/"a"' }],
  ])("starts anew where %s", async (_, how) => {
    const { get, path } = await fetchFrom(
      (request, response, count) =>
        sendFile(request, response, file, { ...how, ...(count === 1 && { cutAfter: 30_000 }) }),
      {},
      [30_000],
    );
    await get();
    expect(readFileSync(path).equals(file)).toBe(true);
  });

  it("starts anew where the file is another one by now, and nothing of the old one is left", async () => {
    const { get, path } = await fetchFrom(
      (request, response, count) =>
        count === 1
          ? sendFile(request, response, file, { etag: '"a"', cutAfter: 90_000 })
          : sendFile(request, response, other, { etag: '"b"' }),
      {},
      [90_000],
    );
    await get();
    expect(readFileSync(path).equals(other)).toBe(true);
  });

  it("starts anew where the server takes another part for the one that was asked for", async () => {
    const { get, path } = await fetchFrom(
      (request, response, count) => {
        if (count === 2) response.writeHead(206, { "content-range": "bytes 5-99999/100000" }).end(file.subarray(5));
        else sendFile(request, response, file, { etag: '"a"', ...(count === 1 && { cutAfter: 9 }) });
      },
      {},
      [9],
    );
    await get();
    expect(readFileSync(path).equals(file)).toBe(true);
  });

  it("begins anew where what had come before is of another address", async () => {
    const { get, path } = await fetchFrom((request, response) => sendFile(request, response, file, { etag: '"a"' }));
    writeFileSync(`${path}.part`, file);
    const record = (url: string) =>
      writeFileSync(`${path}.part.json`, JSON.stringify({ url, validator: '"a"', total: file.length }));
    record("http://elsewhere.example/image");
    await get();
    expect(readFileSync(path).equals(file)).toBe(true);
  });

  it("asks again for what is whole, and the server says so", async () => {
    const { get, path, url, asked } = await fetchFrom((request, response) =>
      sendFile(request, response, file, { etag: '"a"' }),
    );
    writeFileSync(`${path}.part`, file);
    writeFileSync(`${path}.part.json`, JSON.stringify({ url: `${url}image`, validator: '"a"', total: file.length }));
    await get();
    expect([readFileSync(path).equals(file), asked]).toEqual([true, ["/image bytes=100000-"]]);
  });

  it("follows a redirection", async () => {
    const { get, path, asked } = await fetchFrom((request, response) => {
      if (request.url === "/image") response.writeHead(302, { location: "/mirror/image" }).end();
      else sendFile(request, response, file, { etag: '"a"' });
    });
    await get();
    expect([readFileSync(path).equals(file), asked]).toEqual([true, ["/image", "/mirror/image"]]);
  });

  it.each([404, 403])("that is refused with %i is not tried again", async (status) => {
    const { get, asked, entries } = await fetchFrom((_, response) => response.writeHead(status).end());
    await expect(get()).rejects.toMatchObject({
      message: expect.stringContaining(`the server says ${status}`) as string,
    });
    expect([asked.length, entries()]).toEqual([1, []]);
  });

  it("of a server that is busy is tried again, after a pause, and not for ever", async () => {
    const { get, clock } = await fetchFrom((_, response) => response.writeHead(503).end());
    await expect(get()).rejects.toThrow("503");
    expect(clock.pauses.length).toBe(10);
  });

  it("that always ends too early is given up with what there is of it", async () => {
    const { get, path } = await fetchFrom(
      (request, response, count) => sendFile(request, response, file, { etag: '"a"', cutAfter: count === 1 ? 500 : 0 }),
      {},
      [500],
    );
    await expect(get()).rejects.toMatchObject({ code: "E_DOWNLOAD" });
    expect([existsSync(path), readFileSync(`${path}.part`).length]).toEqual([false, 500]);
  });

  it("that falls silent is broken off", async () => {
    const { get } = await fetchFrom(
      (request, response) => void response.writeHead(200, { "content-length": 10 }).write(request.url ?? ""),
      { silenceMs: 30, patience: 0 },
    );
    await expect(get()).rejects.toThrow("it fell silent");
  });

  it("ends with the run", async () => {
    const run = new AbortController();
    const { get, entries } = await fetchFrom(
      (_, response) => void response.writeHead(200, { "content-length": 10, etag: '"a"' }).write("12345"),
      { signal: run.signal, onBytes: () => run.abort() },
    );
    await expect(get()).rejects.toMatchObject({ name: "AbortError" });
    expect(entries()).toEqual(["image.part", "image.part.json"]);
  });
});
