/** Debian's `daemons` file: which of FRR's programs its start script starts, and how. */
import { daemonsOf } from "../plan/daemons.ts";
import type { Node } from "../plan/model.ts";

/** The lines of the file. The script always adds zebra, mgmtd and staticd. */
export function renderDaemons(node: Node): readonly string[] {
  return ["bgpd=yes", `bfdd=${daemonsOf(node).includes("bfdd") ? "yes" : "no"}`, ...commonLines];
}

const commonLines: readonly string[] = [
  "",
  "# vtysh loads the integrated frr.conf once the daemons are up; nobody listens on TCP.",
  "vtysh_enable=yes",
  'zebra_options="-A 127.0.0.1 -P 0 -s 90000000"',
  'mgmtd_options="-A 127.0.0.1 -P 0"',
  'staticd_options="-A 127.0.0.1 -P 0"',
  'bgpd_options="-A 127.0.0.1 -P 0"',
  'bfdd_options="-A 127.0.0.1 -P 0"',
];
