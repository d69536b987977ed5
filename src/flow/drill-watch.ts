/** Follows the kernels' routes to a service: what they tell, one SSH channel for each router. */
import { Fib } from "../drill/fib.ts";
import type { Seen, Turn } from "../drill/model.ts";
import { monitorArgv, readNotice } from "../drill/monitor.ts";
import { isSame } from "../drill/turns.ts";
import type { Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { Clocks } from "./drill-clock.ts";
import { Followed } from "./drill-follow.ts";
import { together } from "./together.ts";

export interface Watchers {
  /** What a router's kernel uses now. Throws NodeError once its watcher has ended by itself. */
  ports(router: string): readonly string[];
  seen(): Readonly<Record<string, readonly Seen[]>>;
  stop(): Promise<void>;
}

export interface Watching {
  readonly fleet: Pick<Fleet, "try">;
  readonly clocks: Clocks;
  readonly now: () => number;
}

export async function watchRouters(
  turns: readonly Pick<Turn, "router">[],
  service: Service,
  watching: Watching,
): Promise<Watchers> {
  const stop = new AbortController();
  const watchers = new Map(turns.map(({ router }) => [router, new Watcher(router, service, watching, stop.signal)]));
  const end = async () => {
    stop.abort();
    await Promise.all([...watchers.values()].map((watcher) => watcher.followed.ended));
  };
  try {
    await together([...watchers.values()], (watcher) => watcher.begin());
  } catch (error) {
    await end();
    throw error;
  }
  return {
    ports: (router) => watchers.get(router)?.ports() ?? [],
    seen: () => Object.fromEntries([...watchers].map(([router, watcher]) => [router, watcher.seen])),
    stop: end,
  };
}

class Watcher {
  readonly #router: string;
  readonly #address: string;
  readonly #watching: Watching;
  readonly #fib: Fib;
  readonly seen: Seen[] = [];
  readonly followed: Followed;

  constructor(router: string, { prefix }: Service, watching: Watching, signal: AbortSignal) {
    this.#router = router;
    this.#address = withoutLength(prefix);
    this.#watching = watching;
    this.#fib = new Fib(this.#address);
    this.followed = new Followed(watching.fleet, {
      ...{ node: router, argv: monitorArgv, signal },
      hear: (line) => this.#hear(line),
      endedMeans: {
        code: "E_DRILL_WATCH",
        message: `${monitorArgv.join(" ")} has ended by itself`,
        hint: `lab exec ${router} -- ip monitor`,
      },
    });
  }

  /** What there is already. The monitor began before: nothing is lost in between. */
  async begin(): Promise<void> {
    const { fleet } = this.#watching;
    for (const what of [
      ["nexthop", "show"],
      ["route", "show", this.#address],
    ]) {
      const { stdout } = await fleet.try(this.#router, ["ip", "-o", ...what], { connectMs: 10_000, timeoutMs: 10_000 });
      for (const line of stdout.split("\n")) this.#hear(line);
    }
  }

  ports(): readonly string[] {
    this.followed.throwIfEnded();
    return this.#fib.ports();
  }

  #hear(line: string): void {
    const notice = readNotice(line);
    if (notice === undefined) return;
    const { clocks, now } = this.#watching;
    this.#fib.apply(notice.change);
    const ports = this.#fib.ports();
    if (isSame(ports, this.seen.at(-1)?.ports ?? [])) return;
    this.seen.push({ atMs: notice.atMs === undefined ? now() : clocks.ours(this.#router, notice.atMs), ports });
  }
}
