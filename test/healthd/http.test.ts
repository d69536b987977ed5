import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { HttpCheck, Target } from "../../src/healthd/config/service.ts";
import { runCheck } from "../../src/healthd/probes/run.ts";
import { deadTarget, httpServer, listening, tcpServer } from "./servers.ts";

const patienceMs = 5000;

function check(target: Target, rest: Partial<HttpCheck> = {}): HttpCheck {
  return { kind: "http", target, method: "GET", path: "/", statuses: [[200, 299]], tls: { verify: true }, ...rest };
}
async function probe(what: HttpCheck, timeoutMs = patienceMs) {
  return (await runCheck(what, timeoutMs)).outcome;
}

describe("an HTTP check", () => {
  test("asks with method, path and Host", async () => {
    const asked: unknown[] = [];
    const target = await httpServer(({ method, url, headers }, response) => {
      asked.push([method, url, headers.host, headers.connection]);
      response.end();
    });
    const what = check(target, { method: "HEAD", path: "/health?deep=1", host: "www.example.org" });
    expect(await probe(what)).toEqual({ result: "ok" });
    expect(asked).toEqual([["HEAD", "/health?deep=1", "www.example.org", "close"]]);
  });

  test.each<[string, Partial<HttpCheck>, number, string | undefined]>([
    ["a status outside the set", {}, 503, "it answered 503"],
    [
      "another set of statuses",
      {
        statuses: [
          [200, 204],
          [404, 404],
        ],
      },
      404,
      undefined,
    ],
    ["text in the page", { body: { by: "text", value: "works!" } }, 200, undefined],
    [
      "text that is not there",
      { body: { by: "text", value: "fails" } },
      200,
      "its page is not the one expected (text)",
    ],
    ["an expression", { body: { by: "regex", value: "^It w\\w+s!$" } }, 200, undefined],
    [
      "a digest",
      { body: { by: "sha256", value: "ee74d03151a39f3dd08ae2c51c0bfa7a1ef9f7ea9f0d4e4bd4f4ad9ab8c5a3b5" } },
      200,
      "its page is not the one expected (sha256)",
    ],
  ])("judges %s", async (_, rest, status, reason) => {
    const target = await httpServer((_request, response) => void response.writeHead(status).end("It works!"));
    expect(await probe(check(target, rest))).toEqual(
      reason === undefined ? { result: "ok" } : { result: "fail", reason },
    );
  });

  test("fails where nothing listens", async () => {
    expect(await probe(check(await deadTarget()))).toEqual({ result: "fail", reason: "nothing listens there" });
  });

  test("fails where the connection is reset", async () => {
    const target = await tcpServer((socket) => void socket.resetAndDestroy());
    expect(await probe(check(target))).toMatchObject({ result: "fail" });
  });

  test("ends at its deadline, with a server that accepts and says nothing", async () => {
    const target = await tcpServer(() => {});
    expect(await probe(check(target), 100)).toEqual({ result: "fail", reason: "not done within 0.1 s" });
  });

  test("ends at its deadline, with a server that sends a byte now and then for ever", async () => {
    const target = await httpServer((_, response) => {
      const timer = setInterval(() => response.write("."), 10);
      response.on("close", () => clearInterval(timer));
    });
    expect(await probe(check(target), 200)).toEqual({ result: "fail", reason: "not done within 0.2 s" });
  });

  test("does not read a page without an end", async () => {
    const endless = await httpServer((_, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", write);
      write();
    });
    expect(await probe(check(endless))).toEqual({ result: "ok" });
    const reason = "its page is longer than 1048576 bytes";
    expect(await probe(check(endless, { body: { by: "text", value: "x" } }))).toEqual({ result: "fail", reason });
  });

  test("tells of what is no HTTP without passing control characters on", async () => {
    const target = await tcpServer((socket) => void socket.end("\u001b[31mhello\n"));
    const outcome = await probe(check(target));
    expect(outcome).toMatchObject({ result: "fail" });
    expect(JSON.stringify(outcome)).not.toContain("\\u001b");
  });
});

describe("an HTTPS check", () => {
  const folder = mkdtempSync(join(tmpdir(), "healthd-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const serve = async (): Promise<Target> => {
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const words = `req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${cert} -days 2 -subj /CN=www.example.org`;
    const names = ["-addext", "subjectAltName=DNS:www.example.org"];
    execFileSync("openssl", [...words.split(" "), ...names], { stdio: "ignore" });
    const options = { key: readFileSync(key), cert: readFileSync(cert) };
    return listening(createHttps(options, (_, response) => void response.end()));
  };

  test("verifies the certificate, its name and its authority", async () => {
    const target = await serve();
    const tls = { verify: true, authority: cert };
    const secure = check(target, { kind: "https", host: "www.example.org", tls });
    expect(await probe(secure)).toEqual({ result: "ok" });
    expect(await probe({ ...secure, host: "other.example.org" })).toMatchObject({ result: "fail" });
    expect(await probe({ ...secure, tls: { verify: true } })).toMatchObject({ result: "fail" });
    expect(await probe({ ...secure, host: "other.example.org", tls: { verify: false } })).toEqual({ result: "ok" });
    // A file that is missing is not the service's fault.
    const lost = { verify: true, authority: `${cert}.lost` };
    expect(await probe({ ...secure, tls: lost })).toMatchObject({ result: "unknown" });
  });
});
