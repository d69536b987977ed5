/** The folder of the services' files, `NAME.conf` each. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseServices } from "./config/parse.ts";
import type { Service } from "./config/service.ts";

/**
 * @throws ConfigError with every mistake; the system's error if the folder or a file cannot be read
 */
export async function readServices(folder: string): Promise<readonly Service[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".conf") && !name.startsWith("."));
  const files = names.toSorted().map(async (name) => {
    const file = join(folder, name);
    return { file, text: await readFile(file, "utf8") };
  });
  return parseServices(await Promise.all(files));
}
