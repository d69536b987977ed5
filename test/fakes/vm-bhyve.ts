import type { Driver } from "../../src/drivers/driver.ts";
import { vmBhyveDriver, type VmBhyveOptions } from "../../src/drivers/vm-bhyve/driver.ts";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { fakeClock } from "./clock.ts";
import { fakeExec } from "./exec.ts";

/** The driver over nothing: its pure half works, and whatever it tries to run but these questions fails the test. */
export function dryVmDriver(lab: string, options: Partial<VmBhyveOptions> = {}, answers: Answers = noVmBhyve): Driver {
  const exec = fakeExec((argv) => answers[argv[0] === "zfs" ? `zfs ${argv[1]}` : (argv[0] ?? "")]);
  return vmBhyveDriver({
    host: localHost({ exec, isRoot: true }),
    clock: fakeClock(),
    owner: `${lab}-0123abcd`,
    ...options,
  });
}

type Answers = Readonly<Record<string, { readonly stdout?: string; readonly exitCode?: number }>>;

/** No rc.conf that would name a `vm_dir`. */
const noVmBhyve: Answers = { sysrc: {} };

/** A host whose `vm_dir` is a dataset, on which no lab has been yet. */
export const onZfs: Answers = {
  sysrc: { stdout: "vm_dir: zfs:zroot/vm\n" },
  "zfs get": { stdout: "/zroot/vm\n" },
  "zfs list": { exitCode: 1 },
  ifconfig: {},
};
