/** Runs one piece of work, as soon as fewer than so many others run. */
export type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function limitTo(most: number): Limit {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
