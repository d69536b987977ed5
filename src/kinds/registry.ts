/** Every kind, and the kind a role has when the topology names none. */
import { cumulusVx } from "./cumulus-vx.ts";
import { cumulusVx5 } from "./cumulus-vx5.ts";
import { debianFrr } from "./debian-frr.ts";
import { debianHost } from "./debian-host.ts";
import { freebsdServer } from "./freebsd-server.ts";
import { hypervisorKind } from "./hypervisor.ts";
import type { Kind, Role } from "./kind.ts";

/** In the order that errors and the schema list them. */
export const kinds: readonly Kind[] = [cumulusVx, cumulusVx5, debianFrr, debianHost, freebsdServer, hypervisorKind];

const kindsByName = new Map(kinds.map((kind) => [kind.name, kind]));

/** Undefined for a name that is no kind. */
export function findKind(name: string): Kind | undefined {
  return kindsByName.get(name);
}

/** By role; `defaults.kinds` of a topology goes before. */
export const defaultKinds: Readonly<Record<Role, string>> = {
  spine: debianFrr.name,
  leaf: debianFrr.name,
  edge: debianFrr.name,
  server: freebsdServer.name,
  router: debianHost.name,
  client: debianHost.name,
  dhcp: debianHost.name,
};
