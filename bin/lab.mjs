#!/usr/bin/env node
// The command on PATH: starts the built program, or says what it takes.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const program = new URL("../dist/main.js", import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
  refuse(`Node.js ${process.version} is too old`, "install 20.19 or later: https://nodejs.org/en/download");
} else if (!existsSync(fileURLToPath(program))) {
  refuse("not built yet", `npm start, or npm ci && npm run build, in ${fileURLToPath(new URL("..", import.meta.url))}`);
} else {
  await import(program.href);
}

function refuse(what, hint) {
  process.stderr.write(`lab: ${what}\n  → ${hint}\n`);
  process.exitCode = 3;
}
