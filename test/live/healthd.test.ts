/** healthd as it is deployed, built and under plain Node, with a real kernel's interfaces. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { deploy, type HealthdHost, startHost, waitFor } from "./healthd-host.ts";

const announced = ["lo1 172.20.0.1/32"];

async function announce(host: HealthdHost, ...words: readonly string[]): Promise<ChildProcess> {
  const healthd = host.healthd(...words);
  await waitFor(() => host.events.includes("up") && host.addresses().includes("lo1 172.20.0.1/32"));
  host.events.length = 0;
  return healthd;
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

it("announces a service that answers, and when it is killed the interface goes down, then away", async () => {
  const host = await startHost();
  host.configure();
  const server = await host.serve();
  await announce(host);
  expect(host.ctl("status")).toMatchObject({ code: 0, text: expect.stringMatching(/web +up +live +172.20.0.1\/32/) });
  server.kill("SIGKILL");
  await waitFor(() => host.events.includes("gone"));
  expect(host.events).toEqual(["down", "address gone", "gone"]);
  expect(host.ctl("status")).toMatchObject({ code: 1, text: expect.stringContaining("nothing listens there") });
  await host.serve();
  await waitFor(() => host.addresses().length > 0);
});

it("is handed over to the next one by SIGUSR2, which adopts what it finds without touching it", async () => {
  const host = await startHost();
  host.configure();
  await host.serve();
  let healthd = await announce(host);
  for (let round = 0; round < 3; round += 1) {
    healthd.kill("SIGUSR2");
    expect(await exitCode(healthd)).toBe(75);
    healthd = host.healthd();
    await waitFor(() => /web +up +live.*(adopted|passes)/.test(host.ctl("status").text));
  }
  expect(host.events).toEqual([]);
  expect(host.addresses()).toEqual(announced);
});

it("is killed, and the kernel lets go of the address when the lease is over", async () => {
  const host = await startHost();
  host.configure({ leaseMs: 4000 });
  await host.serve();
  const healthd = await announce(host);
  const killedAt = performance.now();
  healthd.kill("SIGKILL");
  await waitFor(() => host.events.includes("address gone"));
  expect(performance.now() - killedAt).toBeGreaterThan(1000);
  expect(host.events).toEqual(["address gone"]);
});

it("drains by healthctl, stays drained over a restart, and comes back by the word ready", async () => {
  const host = await startHost();
  host.configure();
  await host.serve();
  const healthd = await announce(host);
  expect(host.ctl("drain", "web")).toEqual({ code: 0, text: "" });
  await waitFor(() => host.events.includes("gone"));
  expect(host.events).toEqual(["down", "address gone", "gone"]);
  healthd.kill("SIGTERM");
  expect(await exitCode(healthd)).toBe(0);
  host.healthd();
  await waitFor(() => /web +disabled/.test(host.ctl("status").text));
  expect(host.addresses()).toEqual([]);
  expect(host.ctl("ready", "--all").code).toBe(0);
  expect(host.addresses()).toEqual(announced);
});

it("reloads twenty times without an event, and refuses a file with mistakes", async () => {
  const host = await startHost();
  host.configure();
  await host.serve();
  const healthd = await announce(host);
  const lines: string[] = [];
  healthd.stdout?.on("data", (chunk: Buffer) => lines.push(...chunk.toString().trim().split("\n")));
  const reloads = (): number => lines.filter((line) => line.includes('"event":"reloaded"')).length;
  for (let round = 1; round <= 20; round += 1) {
    host.configure({ fall: 2 + (round % 2) });
    healthd.kill("SIGHUP");
    await waitFor(() => reloads() === round);
  }
  host.configure({ windowFall: 500 });
  healthd.kill("SIGHUP");
  await waitFor(() => lines.some((line) => line.includes("not reloaded")));
  expect(host.events).toEqual([]);
  expect(host.ctl("status").code).toBe(0);
  expect(host.ctl("check")).toMatchObject({ code: 2, text: expect.stringContaining("do not fit into the window") });
});

it("makes again what somebody destroyed, and does not keep what somebody made", async () => {
  const host = await startHost();
  host.configure();
  const server = await host.serve();
  await announce(host);
  host.run("ip", "link", "delete", "lo1");
  await waitFor(() => host.events.includes("up"));
  await waitFor(() => host.addresses().length > 0);
  host.events.length = 0;
  server.kill("SIGKILL");
  await waitFor(() => host.events.includes("gone"));
  host.events.length = 0;
  host.run("ip", "link", "add", "lo1", "type", "bridge");
  host.run("ip", "address", "add", "172.20.0.1/32", "dev", "lo1");
  host.run("ip", "link", "set", "lo1", "up");
  await waitFor(() => host.events.includes("gone"));
  expect(host.events.slice(-3)).toEqual(["down", "address gone", "gone"]);
});

it("withdraws on SIGTERM before it ends, and leaves an interface with another address alone", async () => {
  const host = await startHost();
  host.configure();
  await host.serve();
  const healthd = await announce(host);
  host.run("ip", "address", "add", "192.0.2.1/24", "dev", "lo1");
  healthd.kill("SIGTERM");
  expect(await exitCode(healthd)).toBe(0);
  expect(host.addresses()).toEqual([...announced, "lo1 192.0.2.1/24"].toSorted());
});

it("runs as it is deployed, under plain supervision that starts it again", async () => {
  const host = await startHost();
  host.configure();
  await host.serve();
  const plain = deploy(host.folder);
  const supervise = (verb: string): string =>
    host.run(
      "env",
      `HEALTHD_RUN=${host.folder}/run`,
      `HEALTHD_LOG=${host.folder}/log`,
      plain,
      verb,
      "--config",
      `${host.folder}/etc`,
    );
  const pid = (): number => Number(readFileSync(`${host.folder}/run/healthd.pid`, "utf8"));
  onTestFinished(() => void supervise("stop"));
  supervise("start");
  await waitFor(() => host.events.includes("up") && host.ctl("status").code === 0);
  host.events.length = 0;
  const first = pid();
  process.kill(first, "SIGKILL");
  await waitFor(() => pid() !== first && host.ctl("status").code === 0);
  const second = pid();
  supervise("restart");
  await waitFor(() => pid() !== second && host.ctl("status").code === 0);
  supervise("reload");
  supervise("running");
  expect(host.events).toEqual([]);
  supervise("stop");
  await waitFor(() => host.events.includes("gone"));
  expect(() => supervise("running")).toThrow("Command failed");
});

// In a user namespace there is only root.
it.runIf(process.getuid?.() === 0)("checks as nobody, and its root part does what it is told", async () => {
  const host = await startHost(false);
  host.configure();
  await host.serve();
  const healthd = await announce(host, "--user", "nobody", "--group", "nogroup");
  const status = readFileSync(`/proc/${healthd.pid}/status`, "utf8");
  expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
  expect(status).toMatch(/^CapEff:\t0+$/m);
  healthd.kill("SIGTERM");
  expect(await exitCode(healthd)).toBe(0);
  await waitFor(() => host.events.includes("gone"));
  expect(host.events).toEqual(["down", "address gone", "gone"]);
});
