/** Where a room of ours is as plain JavaScript, whether we run built ourselves or from source. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Exec } from "./exec.ts";

export interface BuiltRoom {
  readonly folder: string;
  /** As `folder/name.js`, sorted. */
  readonly modules: readonly string[];
}

/**
 * From source (tsx) the compiler is at hand, and built modules may be stale: they are made again, which takes a second.
 *
 * @param room its folder in `src`
 * @param here the caller's `import.meta.url`, of a file in another room
 * @throws CommandError if it does not compile
 */
export async function findBuilt(exec: Exec, room: string, here: string): Promise<BuiltRoom> {
  const root = fileURLToPath(new URL("../..", here));
  if (here.endsWith(".ts")) await exec.run([join(root, "node_modules/.bin/tsc"), "-p", join(root, "tsconfig.json")]);
  const folder = join(root, "dist", room);
  const entries = await readdir(folder, { recursive: true });
  return { folder, modules: entries.filter((name) => name.endsWith(".js")).toSorted() };
}
