/** Pins on routers: set before the first next hop changes, taken away when the last connection from before has ended. */
import {
  isUnpinned,
  listPins,
  renderFrozenPins,
  renderNoPins,
  renderNoWays,
  renderPins,
  renderRules,
  renderWays,
  type Way,
} from "../render/pins.ts";
import { until, type Waiting } from "./drain.ts";
import type { Gently } from "./gently.ts";
import { together } from "./together.ts";

export interface Pinned {
  readonly router: string;
  readonly ways: readonly Way[];
}

/** How long connections that have begun before the last change of next hops keep their ways. */
const oldConnectionsMs = 10_000;

/** How long pins only watch before a next hop changes: whoever says nothing in this time is not protected. */
export const watchMs = 1000;

const batch = ["ip", "-force", "-batch", "-"];
const load = ["nft", "-f", "-"];

/** From here on connections to these addresses keep their ways through these routers. */
export async function pin(pins: readonly Pinned[], addresses: readonly string[], nodes: Gently): Promise<void> {
  await together(pins, async ({ router, ways }) => {
    await nodes.attempt("make ways for pins", router, batch, renderRules(ways) + renderWays(ways));
    await nodes.act("pin connections", router, load, renderPins(ways, addresses));
  });
}

/** Ports that have come up since get their ways too: next hops may change more than once. */
export async function pinNewPorts(pins: readonly Pinned[], nodes: Gently): Promise<void> {
  await together(pins, ({ router, ways }) => nodes.attempt("make ways for new ports", router, batch, renderWays(ways)));
}

/** The new next hops stand: what begins now goes by them alone. */
export async function freezePins(pins: readonly Pinned[], nodes: Gently): Promise<void> {
  await together(pins, ({ router }) => nodes.act("pin no more connections", router, load, renderFrozenPins));
}

/** Waits for the connections that were there at the freeze, and removes every trace of pins. */
export async function unpin(pins: readonly Pinned[], nodes: Gently, waiting: Waiting): Promise<void> {
  await together(pins, async ({ router, ways }) => {
    const ended = async () => isUnpinned((await nodes.ask(router, listPins)) ?? "");
    if (!(await until(ended, oldConnectionsMs, waiting))) {
      waiting.note(`${router}: connections longer than ${oldConnectionsMs / 1000} s take their new ways now`);
    }
    await removePins({ router, ways }, nodes);
  });
}

/** Does nothing where there are none. */
export async function removePins({ router, ways }: Pinned, nodes: Gently): Promise<void> {
  await nodes.act("remove pins", router, load, renderNoPins);
  await nodes.attempt("remove the ways of pins", router, batch, renderNoWays(ways));
}
