import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];

/** A directory of its own for one test, removed after it; its name has a space unless another beginning is given. */
export function makePlace(beginning = "lab unit-"): string {
  const place = mkdtempSync(join(tmpdir(), beginning));
  made.push(place);
  return place;
}

afterEach(() => {
  for (const place of made.splice(0)) rmSync(place, { recursive: true, force: true });
});
