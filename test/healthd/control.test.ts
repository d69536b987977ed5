import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { formatMetrics } from "../../src/healthd/control/metrics.ts";
import { serveMetrics } from "../../src/healthd/control/scrape.ts";
import { ask, listenForQuestions } from "../../src/healthd/control/socket.ts";
import { describeService, formatStatus, type Status } from "../../src/healthd/control/status.ts";
import { emptyTally } from "../../src/healthd/daemon/tally.ts";
import { lookAt } from "../../src/healthd/interface/interfaces.ts";
import { parseOptions, UsageError } from "../../src/healthd/options.ts";
import { deadTarget } from "./servers.ts";
import { traceUp } from "./trace.ts";
import { quickService } from "./world.ts";

function statusOf(seen: "live" | "gone" = "live"): Status {
  const service = traceUp();
  service.pass(1000);
  const keeper = {
    service: () => quickService("web", 1),
    state: service.state,
    tally: () => emptyTally,
    seen: () => seen,
  };
  return {
    pid: 7,
    bgpd: { answers: false, reason: "no answer within 2 s" },
    services: [describeService(keeper, service.now())],
  };
}

test("the status is a table for people", () => {
  expect(formatStatus(statusOf())).toBe(
    [
      "service  phase  interface  prefix         for  reason",
      "web      up     live       172.20.0.1/32  1 s  3 checks in a row passed",
      "bgpd does not answer: no answer within 2 s",
      "",
    ].join("\n"),
  );
});

test("the metrics are as Prometheus reads them", () => {
  const lines = formatMetrics(statusOf("gone")).split("\n");
  expect(lines.filter((line) => /^healthd_(phase.*1$|wanted|announced|lease|checks_total|bgpd)/.test(line))).toEqual([
    'healthd_phase{service="web",phase="up"} 1',
    'healthd_wanted{service="web"} 1',
    'healthd_announced{service="web"} 0',
    'healthd_lease_remaining_seconds{service="web"} 2',
    'healthd_checks_total{service="web",result="ok"} 0',
    'healthd_checks_total{service="web",result="fail"} 0',
    'healthd_checks_total{service="web",result="unknown"} 0',
    "healthd_bgpd_answers 0",
  ]);
  for (const line of lines) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="\w+",?)+\})? [\d.]+|)$/);
});

test("the metrics are at one address only, and a port that is taken is told", async () => {
  const target = await deadTarget();
  const errors: string[] = [];
  const server = serveMetrics(target, statusOf, ({ message }) => errors.push(message));
  onTestFinished(() => void server.close());
  const other = serveMetrics(target, statusOf, ({ message }) => errors.push(message));
  onTestFinished(() => void other.close());
  await expect.poll(() => errors.join()).toContain("EADDRINUSE");
  const url = `http://127.0.0.1:${target.port}`;
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("healthd_wanted");
  expect((await fetch(`${url}/`)).status).toBe(404);
});

async function listen(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "healthd-socket-"));
  const path = join(folder, "socket");
  writeFileSync(path, "left behind");
  const server = await listenForQuestions(path, ({ ask: word }) => ({ pid: word === "look" ? 2 : 1, services: [] }));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

describe("the socket", () => {
  test("answers questions, and nobody but its owner", async () => {
    const path = await listen();
    expect(await ask(path, { ask: "look" })).toEqual({ pid: 2, services: [] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("is proof that healthd runs already", async () => {
    const path = await listen();
    await expect(listenForQuestions(path, () => statusOf())).rejects.toThrow("healthd runs already, as process 1");
  });

  test.each(["{}\n", "rubbish\n", '{"ask":"destroy"}\n', "x".repeat(5000), "null\n"])(
    "refuses what is no question (%#)",
    async (words) => {
      const socket = connect(await listen());
      socket.write(words);
      expect(JSON.parse(await text(socket))).toEqual({ error: "no question of ours" });
    },
  );
});

function address(cidr: string, family = "IPv4") {
  return { family, cidr };
}

describe("an interface", () => {
  const service = { ...quickService("web", 1), cover: { prefix: "172.20.0.1/31", interface: "lo9" } };
  test.each([
    ["live", [address("172.20.0.1/32"), address("fe80::1/64", "IPv6")]],
    ["gone", []],
    ["gone", undefined],
    ["foreign", [address("172.20.0.1/32"), address("192.0.2.1/24")]],
    ["foreign", [address("172.20.0.1/24")]],
  ])("is %s with %j", (seen, addresses) => {
    const all = { lo1: addresses, lo9: [address("172.20.0.1/31")], lo: [address("127.0.0.1/8")] };
    expect(lookAt(service, all)).toEqual({ seen, cover: "live" });
  });
});

describe("the command line", () => {
  const defaults = { config: "/etc/healthd", actuator: "/a" };
  test("has defaults", () => {
    expect(parseOptions(["web", "--maint"], defaults)).toMatchObject({
      names: ["web"],
      options: { config: "/etc/healthd", run: "/var/run/healthd", metrics: { port: 9650 }, maint: true, waitS: 60 },
    });
    expect(parseOptions(["--metrics", "off"], defaults).options.metrics).toBeUndefined();
  });

  test.each([
    [["--metrics", "0.0.0.0:9650"], "not this machine's loopback"],
    [["--metrics", "9650"], "no address and port"],
    [["--user", "nobody"], "go together"],
    [["--wait", "soon"], "whole seconds"],
    [["--colour"], "--colour"],
  ])("refuses %j", (words, message) => {
    expect(() => parseOptions(words, defaults)).toThrow(UsageError);
    expect(() => parseOptions(words, defaults)).toThrow(message);
  });
});
