#!/usr/bin/env node
// The command on PATH: starts the built program, or says how to build it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(fileURLToPath(program))) {
  await import(program.href);
} else {
  process.stderr.write(
    "lab: not built yet\n  → in the checkout: npm start, or npm install --no-save && npm run build\n",
  );
  process.exit(3);
}
