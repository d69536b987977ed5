/** FRR's files of one node: its configuration (or the first fragment of it), `vtysh.conf` and Debian's `daemons`. */
import type { FrrControl } from "../kinds/kind.ts";
import type { Bgp, Node, Plan, RenderedFile } from "../plan/model.ts";
import { renderDaemons } from "./daemons.ts";
import { renderEdge } from "./frr-edge.ts";
import { renderLeaf } from "./frr-leaf.ts";
import { renderServer } from "./frr-server.ts";
import { renderSpine } from "./frr-spine.ts";
import { textOf } from "./line.ts";

/** `frr.conf` itself on servers and where a vendor's tool edits it; elsewhere a fragment that the node assembles. */
const fragment = "lab.d/10-base.conf";

/** None for nodes that speak no BGP or have no FRR. */
export function renderFrrFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  const { frr, os, backend } = node.guest;
  if (frr === undefined || node.bgp === undefined) return [];
  const whole = node.role === "server" || backend !== "frr";
  const conf = file(node, frr, whole ? "frr.conf" : fragment, renderFrrLines(plan, node, node.bgp));
  const vtysh = { ...file(node, frr, "vtysh.conf", ["service integrated-vtysh-config"]), owner: "frr:frrvty" };
  // FreeBSD's list of daemons is in rc.conf.
  return os === "freebsd" ? [vtysh, conf] : [file(node, frr, "daemons", renderDaemons(node)), vtysh, conf];
}

function file(node: Node, frr: FrrControl, name: string, lines: readonly string[]): RenderedFile {
  return {
    node: node.name,
    path: `${frr.directory}/${name}`,
    text: textOf(lines),
    mode: 0o640,
    owner: "frr:frr",
    stage: node.role === "server" ? "servers" : "fabric",
    applies: "frr",
  };
}

function renderFrrLines(plan: Plan, node: Node, bgp: Bgp): readonly string[] {
  switch (node.role) {
    case "spine":
      return renderSpine(plan, node, bgp);
    case "leaf":
      return renderLeaf(plan, node, bgp);
    case "edge":
      return renderEdge(plan, node, bgp);
    case "server":
      return renderServer(plan, node, bgp.asn);
    case "router":
    case "client":
    case "dhcp":
      return [];
  }
}
