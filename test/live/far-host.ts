/** An emulated FreeBSD host behind a real sshd, for `lab` on a machine that knows it by SSH alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "./lab.ts";
import { type Sshd, startSshd } from "./sshd.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

export interface FarHost {
  readonly host: WholeHost;
  readonly sshd: Sshd;
  readonly url: string;
  /** `lab` as on a laptop. */
  lab(...argv: string[]): Promise<Run>;
  remove(): Promise<void>;
}

export async function makeFarHost(): Promise<FarHost> {
  const host = await makeWholeHost();
  const place = mkdtempSync(join(tmpdir(), "lab-sshd-"));
  const path = (await host.run("sh", "-c", "echo $PATH")).stdout.trim();
  const env = { VM_BHYVE_ROOT: host.root, VM_BHYVE_VERSION: "1.8", PATH: path };
  const sshd = await startSshd({ place, root: host.root, enter: host.enter, env });
  return {
    host,
    sshd,
    url: `ssh://root@127.0.0.1:${sshd.port}`,
    lab: (...argv) => host.run("env", `LAB_SSH_CONFIG=${sshd.config}`, process.execPath, "bin/lab.mjs", ...argv),
    async remove() {
      await sshd.stop();
      await host.remove();
      rmSync(place, { recursive: true, force: true });
    },
  };
}
