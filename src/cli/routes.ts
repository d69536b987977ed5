/** The command table: names, one line of help each. The work is loaded when it is called. */
import { buildRouteMap } from "@stricli/core";
import { defineCommand } from "./command.ts";
import { downFlags, upFlags } from "./flags.ts";

const up = defineCommand({
  brief: "Bring a lab up, verify it, show it",
  flags: upFlags,
  load: async () => (await import("./commands/up.ts")).runUp,
});

const down = defineCommand({
  brief: "Take a lab down and leave nothing",
  flags: downFlags,
  load: async () => (await import("./commands/down.ts")).runDown,
});

export const routes = buildRouteMap({
  routes: { up, down },
  aliases: { deploy: "up", destroy: "down" },
  docs: { brief: "An anycast fabric without load balancers, in one command" },
});
