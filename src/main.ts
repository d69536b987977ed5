#!/usr/bin/env node
/** The program: run the command in the real context, set the exit code. The context is built only for a command. */
import { setMaxListeners } from "node:events";
import { run } from "@stricli/core";
import { app } from "./cli/app.ts";
import type { AppContext } from "./cli/context.ts";
import { exitCodes } from "./errors.ts";

const interrupt = new AbortController();
// Every wait of every node listens for it.
setMaxListeners(0, interrupt.signal);
const onSignal = (signal: NodeJS.Signals) => {
  // The first asks for a clean end; whoever asks again means now. A terminal that closes asks twice by itself.
  if (interrupt.signal.aborted && signal !== "SIGHUP") process.exit(exitCodes.interrupted);
  interrupt.abort();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
// Whoever read our output may be gone, as in `lab status | head -1` or after a closed terminal: that must not keep us from
// cleaning up. What we write then is lost.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
// Guests' files keep the rights they are given, and the tools for networks are in directories that users may not have.
process.umask(0o022);
process.env["PATH"] = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

let context: AppContext | undefined;
// Without a command there is something to say all the same.
const words = process.argv.length > 2 ? process.argv.slice(2) : ["--help"];
await run(app, words, {
  process: process as AppContext["process"],
  async forCommand() {
    const { buildContext } = await import("./cli/context.ts");
    context = buildContext(interrupt.signal);
    return context;
  },
});
const failed = Number(process.exitCode ?? 0) !== 0;
// The parser's own codes (252 and the like) all mean wrong usage; a command's error has its code already.
const code = context?.exitCode ?? (failed ? usageOr(Number(process.exitCode)) : exitCodes.good);
// Connections that are still closing must not keep us; what was written must arrive first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));

function usageOr(given: number): number {
  return Object.values<number>(exitCodes).includes(given) ? given : exitCodes.usage;
}
