/**
 * What `lab up` takes on vm-bhyve until all guests have booted, against the same commands one at a time, each guest waited for
 * before the next is made. The host is emulated; its guests do nothing but take as long to boot as they are told.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Design } from "../../src/flow/design.ts";
import { guestName } from "../../src/plan/names.ts";
import { makeWholeHost, type WholeHost } from "../live/vm-host.ts";
import type { Figures } from "./measure.ts";

export async function measureVmBhyve(topology: string, bootS: number): Promise<Figures> {
  const { lab, guests } = await withHost(bootS, async (host) => {
    const { plan } = JSON.parse((await host.lab("plan", "-t", topology, "--json")).stdout) as Design;
    const names = plan.nodes.flatMap(({ name, guest }) => (guest.os === "host" ? [] : [guestName(plan.tag, name)]));
    const start = Date.now();
    const { code, stderr } = await host.lab("up", "-t", topology, "--until", "build", "--plain");
    if (code !== 0) throw new Error(stderr);
    await Promise.all(names.map((name) => booted(host, name)));
    return { lab: (Date.now() - start) / 1000, guests: names.length };
  });
  const sequential = await withHost(bootS, (host) => oneByOne(host, topology));
  return { guests, "one command at a time": sequential, "lab up": lab, "times faster": sequential / lab };
}

/** The commands of a dry run in their order; after each start the guest is waited for. */
async function oneByOne(host: WholeHost, topology: string): Promise<number> {
  const { stdout } = await host.lab("up", "-t", topology, "--dry-run");
  const acts = stdout.split(/^(?=# (?!  until))/m).filter((text) => text.includes("\n"));
  const start = Date.now();
  for (const act of acts) {
    const text = act.replaceAll("$vm_dir", join(host.root, "vm"));
    await host.run("sh", "-c", text);
    const guest = /^vm start (\S+)$/m.exec(text)?.[1];
    if (guest !== undefined) await booted(host, guest);
  }
  return (Date.now() - start) / 1000;
}

async function booted(host: WholeHost, guest: string): Promise<void> {
  while (!existsSync(join(host.root, "booted", guest))) await pause(20);
}

async function withHost<T>(bootS: number, work: (host: WholeHost) => Promise<T>): Promise<T> {
  const host = await makeWholeHost("asleep");
  mkdirSync(join(host.root, "booted"));
  writeFileSync(join(host.root, "boot-delay"), String(bootS));
  try {
    return await work(host);
  } finally {
    await host.remove();
  }
}
