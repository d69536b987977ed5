/** The trap of a service that listens on its anycast address only. */
import { addressOf } from "../config/address.ts";
import type { Service } from "../config/service.ts";

/**
 * What to tell if nothing listens and nothing ever did. A service that binds to the address cannot start before its
 * interface is there, and that comes when the service answers: both would wait for ever. A cover has the address always.
 */
export function explainDeadlock({ check, cover, prefixes, interface: name }: Service): string | undefined {
  if (check.kind === "exec" || cover !== undefined) return undefined;
  const { address, port } = check.target;
  const own = prefixes.map(addressOf).join(", ");
  return (
    `deadlock? Nothing has listened on ${address} port ${port} so far. A service that is bound to ${own} cannot start ` +
    `before ${name} is there, and ${name} comes when the service answers. Let it listen on all addresses (*:${port}), ` +
    `or set \`cover = ${addressOf(prefixes[0] ?? "")}/31\``
  );
}
