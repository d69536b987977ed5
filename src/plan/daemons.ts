/** Which daemons of FRR a node runs. */
import type { Node } from "./model.ts";

/**
 * In the order of their start. BFD watches the sessions between leaf and server; a leaf has it even without servers, as the
 * first may come later. The FRR of Cumulus is older than mgmtd. Only of nodes that speak BGP.
 */
export function daemonsOf({ role, guest }: Pick<Node, "role" | "guest">): readonly string[] {
  const watches = role === "leaf" || role === "server";
  return [...(guest.backend === "frr" ? ["mgmtd"] : []), "zebra", ...(watches ? ["bfdd"] : []), "bgpd"];
}
