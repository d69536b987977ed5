/** Whether the kernels of all routers send a service's packets where the plan says. */
import type { Turn } from "../drill/model.ts";
import { isSame } from "../drill/turns.ts";
import { LabError } from "../errors.ts";
import type { Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { hopsOf, readRoutes } from "../verify/read-ip.ts";
import { together } from "./together.ts";

type Router = Pick<Turn, "router" | "whole">;

/** Names of the routers that do not; one that does not answer is among them. */
export async function brokenRouters(
  routers: readonly Router[],
  service: Service,
  fleet: Pick<Fleet, "try">,
): Promise<readonly string[]> {
  const broken = await together(routers, async ({ router, whole }) =>
    isSame(await portsOf(router, service, fleet), whole) ? [] : [router],
  );
  return broken.flat();
}

async function portsOf(router: string, { prefix }: Service, fleet: Pick<Fleet, "try">): Promise<readonly string[]> {
  try {
    const argv = ["ip", "-j", "route", "show", withoutLength(prefix)];
    const { exitCode = 255, stdout, stderr } = await fleet.try(router, argv, { connectMs: 5000, timeoutMs: 10_000 });
    const routes = readRoutes({ exitCode, stdout, stderr });
    return "problem" in routes ? [] : hopsOf(routes.value, prefix).map(({ device }) => device);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return [];
  }
}
