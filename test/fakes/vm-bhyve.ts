import type { Driver } from "../../src/drivers/driver.ts";
import { vmBhyveDriver, type VmBhyveOptions } from "../../src/drivers/vm-bhyve/driver.ts";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { fakeClock } from "./clock.ts";
import { fakeExec } from "./exec.ts";

/** The driver over nothing: its pure half works, and whatever it tries to run fails the test. */
export function dryVmDriver(lab: string, options: Partial<VmBhyveOptions> = {}): Driver {
  const host = localHost({ exec: fakeExec(() => undefined), isRoot: true });
  return vmBhyveDriver({ host, clock: fakeClock(), owner: `${lab}-0123abcd`, ...options });
}
