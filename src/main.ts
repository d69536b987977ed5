#!/usr/bin/env node
/** The program: build the real context, run the command, set the exit code. */
import { setMaxListeners } from "node:events";
import { run } from "@stricli/core";
import { app } from "./cli/app.ts";
import { buildContext } from "./cli/context.ts";
import { exitCodes } from "./errors.ts";

const interrupt = new AbortController();
// Every wait of every node listens for it.
setMaxListeners(0, interrupt.signal);
let interrupts = 0;
const onSignal = () => {
  interrupts += 1;
  // The first asks for a clean end; whoever asks again means now.
  if (interrupts === 1) interrupt.abort();
  else process.exit(exitCodes.interrupted);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);

const context = buildContext(interrupt.signal);
await run(app, process.argv.slice(2), context);
const code = context.exitCode ?? (Number(process.exitCode ?? 0) === 0 ? exitCodes.good : exitCodes.usage);
// Connections that are still closing must not keep us; what was written must arrive first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
