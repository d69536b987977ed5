import type { Act, Driver, Wave } from "../../src/drivers/driver.ts";
import { netnsDriver, type NetnsOptions } from "../../src/drivers/netns/driver.ts";
import { fakeClock } from "./clock.ts";
import { fakeExec } from "./exec.ts";

/** The embedded driver over nothing: its pure half works, and whatever it tries to run fails the test. */
export function dryDriver(options: Partial<NetnsOptions> = {}): Driver {
  return netnsDriver({
    exec: fakeExec(() => undefined),
    clock: fakeClock(),
    assets: "/home/lab/images/embedded",
    image: "/home/lab/.cache/debian-frr/root",
    mountPoint: "/home/lab/state/duo/mnt",
    mark: "lab-sandbox:/home/lab/state/duo",
    log: "/home/lab/state/duo/logs/sandbox.log",
    path: "/usr/bin",
    unprivileged: false,
    ...options,
  });
}

export function actsOf(waves: readonly Wave[]): Act[] {
  return waves.flat();
}
