/** What a lab may be called. Names become directories and parts of interface names, so the alphabet is small. */
import { UsageError } from "../errors.ts";
import { namePattern } from "./spelling.ts";

/** Most characters of a lab's name. */
export const mostLabName = 20;

/**
 * The name itself.
 * @throws UsageError when it cannot be one
 */
export function checkLabName(name: string): string {
  if (namePattern.test(name) && name.length <= mostLabName) return name;
  throw new UsageError({
    code: "E_LAB_NAME",
    message: `${JSON.stringify(name)} is no name for a lab`,
    hint: `lower-case letters, digits and single hyphens, at most ${mostLabName}, beginning with a letter`,
  });
}
