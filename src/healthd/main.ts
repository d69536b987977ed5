/** healthd and healthctl: `main.js run …` is the daemon, `main.js status …` and its like ask it. */
import { fileURLToPath } from "node:url";
import { ConfigError } from "./config/parse.ts";
import { commands, exitCodes } from "./control/commands.ts";
import { runDaemon } from "./daemon/run.ts";
import { parseOptions, UsageError } from "./options.ts";

const usage = `usage: healthd run [--config DIR] [--run DIR] [--user NAME --group NAME] [--vtysh PATH]
                   [--metrics ADDRESS:PORT|off] [--dry-run]
       healthctl status [--json] | check | once NAME…|--all
       healthctl drain NAME…|--all [--maint] [--wait SECONDS] | ready NAME…|--all [--wait SECONDS]
`;

const defaults = {
  config: process.platform === "freebsd" ? "/usr/local/etc/healthd" : "/etc/healthd",
  actuator: fileURLToPath(new URL("actuator", import.meta.url)),
};

async function main([command = "", ...words]: readonly string[]): Promise<number> {
  const { options, names } = parseOptions(words, defaults);
  if (command === "run") return runDaemon(options);
  const act = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (act === undefined)
    throw new UsageError(`${command === "" ? "a command is missing" : `${command} is no command`}`);
  return act(options, names, { say: (text) => void process.stdout.write(text) });
}

function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    say(`${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof UsageError) {
    say(`healthd: ${error.message}\n${usage}`);
    return exitCodes.usage;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  // A bug of ours is shown as it is.
  if (!(error instanceof Error) || error instanceof TypeError) throw error;
  const isAbsent = code === "ENOENT" || code === "ECONNREFUSED";
  say(`healthd: ${message}\n${isAbsent ? "    is healthd running, and --config and --run as it has them?\n" : ""}`);
  return exitCodes.notRunning;
}

function say(text: string): void {
  process.stderr.write(text);
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
