/** What is said to a node to break it and to mend it, in the words of its operating system. Each is an argv. */
import type { Argv, Hypervisor } from "../kinds/kind.ts";
import { daemonsOf } from "../plan/daemons.ts";
import type { Interface, Node, Service } from "../plan/model.ts";

/** What `pkill` of procps and of FreeBSD both take. */
export type Signal = "KILL" | "STOP" | "CONT";

/** FRR's daemons keep their pids there on Linux and on FreeBSD (`/var/run` is `/run`). */
const pidFile = (daemon: string) => `/var/run/frr/${daemon}.pid`;

/** Of a process that is not there it fails, and nothing else happens. */
export function signalDaemon(daemon: string, signal: Signal): Argv {
  return ["pkill", `-${signal}`, "-F", pidFile(daemon)];
}

/** Daemons of FRR on this node. The last to start is the first: nobody hears of its end from another. */
export function signalFrr(node: Node, signal: Signal): readonly Argv[] {
  return daemonsOf(node)
    .toReversed()
    .map((daemon) => signalDaemon(daemon, signal));
}

/** The web server with all its workers, which have no pid files. */
export function signalWeb({ guest }: Node, signal: Signal): Argv {
  return ["pkill", `-${signal}`, "-x", guest.os === "freebsd" ? "httpd" : "apache2"];
}

/** By hand, as in the article: `ifconfig lo1 destroy`. */
export function destroyLoopback({ guest }: Node, service: Service): Argv {
  return guest.os === "freebsd"
    ? ["ifconfig", service.interface, "destroy"]
    : ["/usr/libexec/lab/loopback", "destroy", service.interface];
}

export function createLoopback({ guest }: Node, service: Service): Argv {
  return guest.os === "freebsd"
    ? ["ifconfig", service.interface, "create", "inet", service.prefix, "up"]
    : ["/usr/libexec/lab/loopback", "create", service.interface, service.prefix];
}

export function setPort({ guest }: Node, port: Interface, state: "up" | "down"): Argv {
  return guest.os === "freebsd" ? ["ifconfig", port.name, state] : ["ip", "link", "set", port.name, state];
}

/** The kernel forgets static routes whose port goes down. */
export function restoreRoutes({ routes }: Node): readonly Argv[] {
  return routes.map(({ to, via }) => ["ip", "route", "replace", to, "via", via]);
}

/**
 * Starts daemons that were killed, from their files. Where no init system starts FRR, this leaves those that run alone;
 * elsewhere it restarts all of them, for the init system takes FRR for one service that is up.
 */
export function reviveFrr({ guest }: Node, hypervisor: Hypervisor): readonly Argv[] {
  if (hypervisor === "netns") return guest.frr?.startWaves ?? [];
  return guest.os === "freebsd" ? [["service", "frr", "restart"]] : [["systemctl", "restart", "frr"]];
}

/** Ends bgpd and starts it anew; whatever else runs goes on. */
export function restartBgpd(node: Node, hypervisor: Hypervisor): readonly Argv[] {
  return [signalDaemon("bgpd", "KILL"), ...reviveFrr(node, hypervisor)];
}
