import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The live suite runs the program as users do: built, as a process of its own. */
export function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.json"], { cwd: root, stdio: "inherit" });
  // The image is built before the first test's clock runs.
  execFileSync("node", ["bin/lab.mjs", "image", "build"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
