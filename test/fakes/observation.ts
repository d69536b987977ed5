import type { Observation } from "../../src/drivers/driver.ts";
import type { Plan } from "../../src/plan/model.ts";

export const nothing: Observation = { running: false, guests: [], ports: [], segments: [] };

/** All of a plan, there and alive. */
export function aliveOf({ nodes, segments }: Plan): Observation {
  const guests = nodes.filter(({ guest }) => guest.os !== "host");
  const ports = guests.flatMap(({ name, interfaces }) =>
    interfaces.map((port) => ({ node: name, interface: port.name })),
  );
  return { running: true, guests: guests.map(({ name }) => name), ports, segments: segments.map(({ name }) => name) };
}
