import type { Node } from "../plan/model.ts";

/** Debian's `daemons` file. Its start script always adds zebra, mgmtd and staticd. */
export function renderDaemons(node: Node): readonly string[] {
  return ["bgpd=yes", `bfdd=${needsBfd(node) ? "yes" : "no"}`, ...commonLines];
}

/** BFD watches the sessions between leaf and server. A leaf has it even without servers: the first may come later. */
function needsBfd({ role }: Node): boolean {
  return role === "leaf" || role === "server";
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
