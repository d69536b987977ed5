/** A server is taken out of service by hand, as in the article: its loopback goes, and no routing configuration changes. */
import { toldMs } from "../limits.ts";
import type { Scenario } from "../model.ts";
import { createLoopback, destroyLoopback } from "../words.ts";
import { serversOf } from "./victims.ts";

export const withdraw: Scenario = {
  name: "withdraw",
  summary: "a server's service loopback is destroyed by hand, then created again",
  faults: (plan, service) =>
    serversOf(plan, service).map((server) => ({
      title: `${service.interface} of ${server.name} is destroyed`,
      node: server.name,
      acts: [destroyLoopback(server, service)],
      repair: [createLoopback(server, service)],
      lost: { servers: [server.name] },
      turnWithinMs: toldMs(),
    })),
};
