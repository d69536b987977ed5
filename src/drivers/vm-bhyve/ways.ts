/** How nodes are reached from here: by address on the hypervisor itself, and through it from any other machine. */
import { HostError } from "../../errors.ts";
import type { Node } from "../../plan/model.ts";
import type { Driver } from "../driver.ts";
import { runAsClient } from "./client.ts";
import type { Host } from "./host.ts";

type Ways = Pick<
  Driver,
  "host" | "proxy" | "lastingProxy" | "openStream" | "callAgain" | "jump" | "onHost" | "runOnHost" | "interactOnHost"
>;

const sshPort = 22;

export function waysTo(host: Host): Ways {
  const { behind, name } = host;
  const ways: Ways = {
    jump: jumpTo,
    proxy: () => undefined,
    // Addresses need no proxy, and whoever has them when the lab is gone does not have the host keys that are pinned.
    lastingProxy: () => undefined,
    onHost: (argv) => argv,
    runOnHost: (argv, options) => runAsClient(host, argv, options),
  };
  if (behind === undefined) return ways;
  // OpenSSH itself comes to the first node of a way through the hypervisor, and from there on by its own means.
  const proxy = (node: Node) => (jumpTo(node) === undefined ? behind.proxy : undefined);
  return {
    ...ways,
    ...(name !== undefined && { host: name }),
    proxy,
    lastingProxy: proxy,
    openStream: (node) =>
      jumpTo(node) === undefined ? () => behind.openStream(node.reach.address, sshPort) : undefined,
    // A question, which is asked until there is an answer: a connection may have gone silent without a word.
    async callAgain(signal) {
      await host.run(["true"], { signal });
    },
    interactOnHost: (argv) => behind.interact(argv),
  };
}

/**
 * Addresses of the management network and, where the hypervisor has a place on the LAN, those behind it are on its routes;
 * any other in-band address is one that only a client of the lab has a way to.
 */
function jumpTo({ name, reach }: Node): string | undefined {
  if (reach.via !== "in-band" || reach.from === "hypervisor") return undefined;
  if (reach.from !== undefined && reach.from !== name) return reach.from;
  throw new HostError({
    code: "E_NOT_REACHED",
    message: `nothing leads to ${name}: it has no port for management, and the lab has no client that could be gone through`,
    hint: "give the topology a client of kind hypervisor on its network",
  });
}
