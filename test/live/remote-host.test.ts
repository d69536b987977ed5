import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Driver } from "../../src/drivers/driver.ts";
import { ownerOf } from "../../src/drivers/vm-bhyve/conf.ts";
import { vmBhyveDriver } from "../../src/drivers/vm-bhyve/driver.ts";
import { locateState, makeDirectories, writeDesign, writeHost } from "../../src/flow/state.ts";
import { planWork } from "../../src/flow/work.ts";
import { remoteHost, type RemoteHost, type RemoteHostOptions } from "../../src/remote/hypervisor/host.ts";
import { parseHostUrl } from "../../src/remote/hypervisor/url.ts";
import { systemClock } from "../../src/system/clock.ts";
import { localExec } from "../../src/system/exec.ts";
import { designOf } from "../fakes/labs.ts";
import { until } from "../fakes/processes.ts";
import { emptyTraces, makeVmHost, performAll, quick, type VmHostFake } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";
import { makePlace, type Place } from "./lab.ts";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

const design = designOf(duo, "vm-bhyve");
const { plan } = design;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Hypervisor {
  readonly vm: VmHostFake;
  readonly sshd: Sshd;
  readonly url: string;
  readonly news: readonly string[];
  connect(options?: Partial<RemoteHostOptions>): RemoteHost;
  driver(host?: RemoteHost, owner?: string): Driver;
}

/** The emulated FreeBSD host behind a real sshd. */
async function makeHypervisor(options: Partial<SshdOptions> = {}): Promise<Hypervisor> {
  const place = mkdtempSync(join(tmpdir(), "lab-sshd-"));
  cleanUps.push(() => rmSync(place, { recursive: true, force: true }));
  const vm = await makeVmHost();
  const sshd = await startSshd({ place, env: vm.env, root: vm.root, ...options });
  cleanUps.push(() => sshd.stop());
  const url = `ssh://root@127.0.0.1:${sshd.port}`;
  const news: string[] = [];
  const connect = (others: Partial<RemoteHostOptions> = {}) => {
    const host = remoteHost({
      url: parseHostUrl(url),
      exec: localExec,
      clock: systemClock,
      config: sshd.config,
      agent: undefined,
      home: "/nowhere",
      owner: "duo-0123abcd",
      onNews: (text) => news.push(text),
      ...others,
    });
    cleanUps.push(() => host.close());
    return host;
  };
  const driver = (host = connect(), owner = "duo-0123abcd") =>
    vmBhyveDriver({ host, clock: systemClock, owner, timing: quick, parallel: 8 });
  return { vm, sshd, url, news, connect, driver };
}

async function build(driver: Driver): Promise<void> {
  const work = planWork(undefined, plan, await driver.observe(plan));
  await performAll(driver, driver.build({ plan, ...work.make, seeds: [], hostBatch: "" }));
}

function program(sshd: Sshd, env: Readonly<Record<string, string>> = {}): Place {
  const place = makePlace({ LAB_SSH_CONFIG: sshd.config, ...env });
  cleanUps.push(() => place.remove());
  return place;
}

// It has users of its own in a mount namespace of its own.
describe.skipIf(process.getuid?.() !== 0)("a hypervisor behind a real sshd", () => {
  it("has a whole lab built and removed over one connection, within the sessions that sshd allows", async () => {
    const { vm, sshd, news, driver } = await makeHypervisor();
    const there = driver();
    await build(there);
    expect((await there.observe(plan)).guests.length).toBe(5);
    expect(await there.destroy()).toEqual({ removed: { guests: 5, switches: 5 }, left: [] });
    expect(vm.traces()).toEqual(emptyTraces);
    expect(readdirSync(sshd.home)).toEqual([]);
    expect(sshd.log().match(/Accepted publickey/g)?.length).toBe(1);
    expect({ news, refused: sshd.log().match(/no more sessions/g) }).toEqual({ news: [], refused: null });
  });

  it("loses its connection every moment: each act is done once all the same, and its guests go on", async () => {
    const { vm, sshd, news, driver } = await makeHypervisor();
    const there = driver();
    const timer = setInterval(() => sshd.cut(), 700);
    cleanUps.push(() => clearInterval(timer));
    await build(there);
    expect((await there.observe(plan)).guests.length).toBe(5);
    expect((await there.destroy()).left).toEqual([]);
    clearInterval(timer);
    expect(vm.traces()).toEqual(emptyTraces);
    expect(news.length).toBeGreaterThan(0);
  });

  it("ends commands with their children, and leaves alone what a guest is looked after by", async () => {
    const { vm, sshd, connect, driver } = await makeHypervisor();
    const host = connect();
    await build(driver(host));
    sshd.cut();
    expect((await driver(host).observe(plan)).guests.length).toBe(5);
    const asked = await host.run(["sh", "-c", "echo begun; sleep 600 & wait"], { timeoutMs: 3000 });
    expect(asked).toMatchObject({ failure: "took too long", stdout: "begun\n" });
    const acted = await host.run(["sh", "-c", "echo begun; sleep 600 & wait"], { timeoutMs: 3000, once: true });
    expect(acted).toMatchObject({ failure: "took too long", stdout: "begun\n" });
    expect((await host.run(["pgrep", "-f", "^sleep 600"])).stdout).toBe("");
    expect((await driver(host).destroy()).left).toEqual([]);
    expect(vm.traces()).toEqual(emptyTraces);
  });

  it("carries a large file and a stream behind it, ours and OpenSSH's", async () => {
    const { sshd, connect, vm } = await makeHypervisor();
    const host = connect();
    const image = join(vm.root, "image");
    const bytes = Buffer.alloc(5 * 1024 * 1024 + 1, "image of a guest\n");
    writeFileSync(image, bytes);
    let cut = false;
    await host.put(image, join(vm.root, "there"), (fraction) => {
      if (fraction > 0.5 && !cut) sshd.cut();
      cut ||= fraction > 0.5;
    });
    expect(readFileSync(join(vm.root, "there")).equals(bytes)).toBe(true);
    const stream = host.behind.openStream("127.0.0.1", sshd.port);
    const [banner] = (await new Promise((resolve) => stream.once("data", (chunk) => resolve([chunk])))) as Buffer[];
    expect(String(banner)).toMatch(/^SSH-2\.0-OpenSSH/);
    stream.destroy();
    const words = host.behind.proxy.map((word) => word.replace("%h", "127.0.0.1").replace("%p", String(sshd.port)));
    const [file = "", ...argv] = words;
    const child = spawn(file, argv, { stdio: ["pipe", "pipe", "inherit"] });
    const [other] = (await new Promise((resolve) =>
      child.stdout.once("data", (chunk) => resolve([chunk])),
    )) as Buffer[];
    expect(String(other)).toMatch(/^SSH-2\.0-OpenSSH/);
    child.kill();
  });

  it("lets in whoever ssh-agent has a key for", async () => {
    const { sshd, connect, url } = await makeHypervisor();
    const socket = join(sshd.home, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    cleanUps.push(() => agent.kill());
    await until(() => readdirSync(sshd.home).includes("agent"));
    await localExec.run(["ssh-add", "-q", sshd.identity], { env: { SSH_AUTH_SOCK: socket } });
    const config = join(sshd.home, "without-identity");
    writeFileSync(
      config,
      readFileSync(sshd.config, "utf8")
        .replace(/^Identit.*$/gm, "")
        .concat("IdentityFile none\n"),
    );
    const host = connect({ config, agent: socket });
    expect(await host.run(["id", "-u"])).toMatchObject({ stdout: "0\n" });
    const nobody = connect({ config });
    await expect(nobody.run(["true"])).rejects.toMatchObject({ code: "E_HYPERVISOR_LOGIN" });
    expect(url).toContain("127.0.0.1");
  });

  it("works with few sessions allowed", async () => {
    const { driver } = await makeHypervisor({ lines: ["MaxSessions 3"] });
    const there = driver();
    await build(there);
    expect((await there.destroy()).left).toEqual([]);
  });
});

describe.skipIf(process.getuid?.() !== 0)("the program, with a hypervisor behind a real sshd", () => {
  it("checks it, and takes a lab down that it remembers to be there", async () => {
    const { vm, sshd, url, driver, connect } = await makeHypervisor();
    const place = program(sshd);
    const doctor = await place.run("doctor", "--host", url, "--json");
    const rows = JSON.parse(doctor.stdout) as { what: string; status: string }[];
    expect(rows.slice(0, 3)).toEqual([
      { what: `connection to ${url}`, status: "good" },
      { what: "root", status: "good" },
      { what: "vm-bhyve in rc.conf", status: "good" },
    ]);
    const state = locateState(place.state, "duo");
    const owner = ownerOf("duo", state.directory);
    await makeDirectories(state);
    await writeHost(state, parseHostUrl(url));
    await writeDesign(state, design);
    await build(driver(connect({ owner }), owner));
    const elsewhere = await place.run("status", "--host", "ssh://root@192.0.2.1");
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining(`is on ${url}`) as string });
    const down = await place.run("down");
    expect(down).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("removed 5 guests, 5 switches; 0 left") as string,
    });
    expect(vm.traces()).toEqual(emptyTraces);
    expect(readdirSync(sshd.home)).toEqual([]);
  });

  it("refuses a host key that is unknown, or another one", async () => {
    const { sshd, url } = await makeHypervisor();
    const known = join(sshd.home, "..", "known_hosts");
    const text = readFileSync(known, "utf8");
    writeFileSync(known, "");
    const place = program(sshd);
    const unknown = await place.run("doctor", "--host", url);
    expect(unknown).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("in none of your known_hosts files") as string,
    });
    mkdirSync(join(sshd.home, "other"));
    const other = join(sshd.home, "other", "key");
    await localExec.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${readFileSync(`${other}.pub`, "utf8")}`);
    const changed = await place.run("up", "-t", "duo", "--host", url, "--plain");
    expect(changed).toMatchObject({ code: 3, stderr: expect.stringContaining("is not the one in") as string });
    expect(sshd.log()).not.toContain("Accepted");
    writeFileSync(known, text);
    expect((await place.run("doctor", "--host", url)).stdout).toContain("connection to");
  });
});
