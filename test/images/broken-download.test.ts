import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { download, type DownloadOptions, downloadText } from "../../src/drivers/vm-bhyve/images/download.ts";
import { follow } from "../../src/drivers/vm-bhyve/images/http.ts";
import { fakeClock } from "../fakes/clock.ts";
import { makePlace } from "../fakes/place.ts";
import { sendFile, serve } from "../fakes/web-server.ts";

const file = randomBytes(100_000);
const other = randomBytes(100_000);
type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function fetchFrom(answer: Answer, options: Partial<DownloadOptions> = {}) {
  const server = await serve(answer);
  const directory = makePlace();
  const path = join(directory, "image");
  const get = () => download(`${server.url}image`, path, { clock: fakeClock(), ...options });
  const isWhole = (wanted = file) => readFileSync(path).equals(wanted);
  return { ...server, get, path, isWhole, entries: () => readdirSync(directory) };
}

describe("a download whose server breaks the connection", () => {
  it("keeps every byte that had come, time after time", async () => {
    const { get, isWhole, asked, entries } = await fetchFrom((request, response, count) =>
      sendFile(request, response, file, { etag: '"a"', ...(count < 5 && { breakAfter: 20_000 }) }),
    );
    await get();
    const starts = [20_000, 40_000, 60_000, 80_000].map((start) => `/image bytes=${start}-`);
    expect([isWhole(), asked, entries()]).toEqual([true, ["/image", ...starts], ["image"]]);
  });

  it("and knows no ranges keeps the most that ever came, and is done when all comes at once", async () => {
    const sizes = [90_000, 10_000];
    const answer: Answer = (request, response, count) => {
      const breakAfter = sizes[count - 1];
      sendFile(request, response, file, {
        etag: '"a"',
        ranges: false,
        ...(breakAfter !== undefined && { breakAfter }),
      });
    };
    const { get, path, isWhole } = await fetchFrom(answer, { patience: 1 });
    await expect(get()).rejects.toMatchObject({ code: "E_DOWNLOAD" });
    expect(readFileSync(`${path}.part`).equals(file.subarray(0, 90_000))).toBe(true);
    await get();
    expect(isWhole()).toBe(true);
  });

  it.each([
    ["longer than the file: what is whole is found out", 120_000, 1],
    ["shorter than its part: what is missing is asked for", 30_010, 2],
  ])("and says a length %s", async (_, length, wrong) => {
    const { get, isWhole } = await fetchFrom((request, response, count) => {
      if (count !== wrong) {
        sendFile(request, response, file, { etag: '"a"', ...(count < wrong && { breakAfter: 30_000 }) });
      } else if (wrong === 1) {
        response.writeHead(200, { etag: '"a"', "content-length": length });
        response.write(file, () => response.destroy());
      } else {
        const headers = { etag: '"a"', "content-range": "bytes 30000-99999/100000", "content-length": length - 30_000 };
        response.writeHead(206, headers).end(file.subarray(30_000, length));
      }
    });
    await get();
    expect(isWhole()).toBe(true);
  });

  it.each([
    ["another version", { etag: '"b"', "content-range": "bytes 30000-99999/100000" }],
    ["another length", { "content-range": "bytes 30000-99998/99999" }],
    ["no range at all", {}],
  ])("and sends a part of %s, whatever it was asked for: nothing is mixed", async (_, headers) => {
    const { get, isWhole } = await fetchFrom((request, response, count) => {
      if (count === 1) sendFile(request, response, file, { etag: '"a"', breakAfter: 30_000 });
      else if (count === 2) response.writeHead(206, headers).end(other.subarray(30_000));
      else sendFile(request, response, other, { etag: '"b"' });
    });
    await get();
    expect(isWhole(other)).toBe(true);
  });

  it("and changes the file each time ends with one that is whole", async () => {
    const versions = [file, other, file, other];
    const { get, isWhole } = await fetchFrom((request, response, count) =>
      sendFile(request, response, versions[count - 1] ?? file, {
        etag: `"${count}"`,
        ...(count < 4 && { breakAfter: 50_000 }),
      }),
    );
    await get();
    expect(isWhole(other)).toBe(true);
  });
});

describe("a redirection", () => {
  it("that leads in circles is given up", async () => {
    const { get, asked, path } = await fetchFrom((_, response) => response.writeHead(302, { location: "image" }).end());
    await expect(get()).rejects.toThrow("leads on and on");
    expect([asked.length, existsSync(path)]).toEqual([21, false]);
  });

  it.each([
    ["https://a.example/x", "http://a.example/x", /anybody on the way could change/],
    ["https://a.example/x", "file:///etc/passwd", /leads to "file:/],
    ["https://a.example/x", "http://[", /leads to "http:\/\/\["/],
  ])("from %s to %s is refused", (from, to, why) => {
    expect(() => follow(from, new URL(from), to)).toThrow(why);
  });

  it.each([
    ["/y?z", "https://a.example/y?z"],
    ["https://b.example/x", "https://b.example/x"],
  ])("to %s is followed", (to, wanted) => {
    expect(follow("", new URL("https://a.example/x"), to).href).toBe(wanted);
  });
});

describe("a small text", () => {
  it("is read whole, and one without an end is not", async () => {
    const server = await serve((request, response) => {
      response.end(request.url === "/list" ? "SHA512" : "x".repeat(2 * 1024 * 1024));
    });
    const options = { clock: fakeClock() };
    expect(await downloadText(`${server.url}list`, options)).toBe("SHA512");
    await expect(downloadText(`${server.url}long`, options)).rejects.toMatchObject({
      code: "E_DOWNLOAD",
      message: expect.stringContaining("longer than") as string,
    });
  });
});
