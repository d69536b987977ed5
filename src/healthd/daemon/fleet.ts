/** All services of this server: started, reloaded and ended together. */
import type { Service } from "../config/service.ts";
import { keepService, type Keeper } from "./keeper.ts";
import type { World } from "./world.ts";

export interface Fleet {
  readonly keepers: () => readonly Keeper[];
  /** What stays goes on without a change of routes; what is new or elsewhere begins, what is gone is withdrawn. */
  readonly reload: (services: readonly Service[]) => Promise<void>;
  /** Withdraws what is to be withdrawn; resolves when all of that is gone. */
  readonly leave: () => Promise<void>;
  /** Leaves everything as it is. */
  readonly stop: () => void;
}

export function startFleet(services: readonly Service[], world: World): Fleet {
  let keepers = services.map((service) => keepService(service, world));

  const reload = async (wanted: readonly Service[]): Promise<void> => {
    const kept = keepers.filter((keeper) => wanted.some((service) => isSamePlace(service, keeper.service())));
    const leaving = keepers.filter((keeper) => !kept.includes(keeper));
    for (const keeper of kept) {
      const service = wanted.find(({ name }) => name === keeper.service().name);
      if (service !== undefined) keeper.reload(service);
    }
    // The root part knows where they are until it reads its files again.
    await Promise.all(leaving.map((keeper) => keeper.leave()));
    const why = await world.interfaces.reload();
    if (why !== undefined) world.log({ event: "alarm", reason: `the root part did not reload: ${why}` });
    const added = wanted.filter(({ name }) => !kept.some((keeper) => keeper.service().name === name));
    keepers = [...kept, ...added.map((service) => keepService(service, world))];
  };
  const stop = (): void => {
    for (const keeper of keepers) keeper.stop();
  };
  const leave = async (): Promise<void> => {
    await Promise.all(keepers.map((keeper) => (isKept(keeper) ? keeper.stop() : keeper.leave())));
  };
  let work = Promise.resolve();
  /** Reloads wait for each other, and leaving for them. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    work = work.then(task);
    return work;
  };
  return {
    keepers: () => keepers,
    reload: (wanted) => inTurn(() => reload(wanted)),
    leave: () => inTurn(leave),
    stop,
  };
}

function isKept(keeper: Keeper): boolean {
  return keeper.service().rules.onExit === "keep";
}

function isSamePlace(one: Service, other: Service): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf({ name, interface: loopback, prefixes, cover }: Service): string {
  return JSON.stringify([name, loopback, prefixes, cover?.prefix, cover?.interface]);
}
