/** Guests that several kinds share: the embedded Debian of netns, and the guest operating systems of vm-bhyve. */
import type { Guest } from "./kind.ts";

/** The Debian image root of netns has no systemd: daemons are started by FRR's own scripts and by Apache itself. */
export const embeddedRouter: Guest = {
  os: "debian",
  login: "root",
  backend: "frr",
  frr: {
    directory: "/etc/frr",
    check: ["vtysh", "-C", "-f"],
    running: ["/usr/libexec/lab/frr", "running"],
    startWaves: [
      ["/usr/libexec/lab/frr", "start"],
      ["/usr/libexec/lab/frr", "load"],
    ],
    reload: ["/usr/lib/frr/frr-reload.py", "--reload", "/etc/frr/frr.conf"],
  },
  interfaces: {
    path: "/etc/network/interfaces",
    check: ["ifup", "--all", "--syntax-check", "--interfaces"],
    apply: ["ifreload", "--all"],
  },
  dhcp: {
    check: ["dnsmasq", "--test", "-C"],
    running: ["/usr/libexec/lab/dhcp", "running"],
    restart: ["/usr/libexec/lab/dhcp", "restart"],
  },
};

/** The FreeBSD server's stand-in on netns: Debian, with FreeBSD's paths and interface names. */
export const embeddedServer: Guest = {
  ...embeddedRouter,
  // The same files by FreeBSD's name; the reload keeps Debian's, the only one after which it does not rewrite the file.
  ...(embeddedRouter.frr && { frr: { ...embeddedRouter.frr, directory: "/usr/local/etc/frr" } }),
  loopbacks: {
    path: "/etc/lab/loopbacks",
    prune: ["/usr/libexec/lab/loopback", "prune"],
    make: ["/usr/libexec/lab/loopback", "make"],
  },
  web: {
    conf: "/usr/local/etc/apache24/httpd.conf",
    documentRoot: "/usr/local/www/apache24/data",
    check: ["apache2", "-t", "-f"],
    running: ["/usr/libexec/lab/web", "running"],
    start: ["apache2", "-k", "start", "-f", "/usr/local/etc/apache24/httpd.conf"],
    reload: ["apache2", "-k", "graceful", "-f", "/usr/local/etc/apache24/httpd.conf"],
    modules: "/usr/lib/apache2/modules",
  },
};

/** Debian with systemd, as a virtual machine. */
export const debianMachine: Guest = {
  ...embeddedRouter,
  frr: {
    directory: "/etc/frr",
    check: ["vtysh", "-C", "-f"],
    running: ["systemctl", "is-active", "--quiet", "frr"],
    startWaves: [["systemctl", "start", "frr"]],
    reload: ["systemctl", "reload", "frr"],
  },
  dhcp: {
    check: ["dnsmasq", "--test", "-C"],
    running: ["systemctl", "is-active", "--quiet", "dnsmasq"],
    restart: ["systemctl", "restart", "dnsmasq"],
  },
};

/** FreeBSD as a virtual machine, with FRR and Apache. New settings of its interfaces wait for its next boot. */
export const freebsdMachine: Guest = {
  os: "freebsd",
  login: "root",
  backend: "frr",
  frr: {
    directory: "/usr/local/etc/frr",
    check: ["vtysh", "-C", "-f"],
    running: ["service", "frr", "onestatus"],
    startWaves: [["service", "frr", "start"]],
    reload: [
      "/usr/local/sbin/frr-reload.py",
      "--reload",
      "--confdir",
      "/usr/local/etc/frr",
      "/usr/local/etc/frr/frr.conf",
    ],
  },
  web: {
    conf: "/usr/local/etc/apache24/httpd.conf",
    documentRoot: "/usr/local/www/apache24/data",
    check: ["httpd", "-t", "-f"],
    running: ["service", "apache24", "onestatus"],
    start: ["service", "apache24", "start"],
    reload: ["service", "apache24", "graceful"],
    modules: "/usr/local/libexec/apache24",
  },
};

/**
 * Cumulus VX ≤ 4.4, the last with NCLU, which is what the article uses. Its account `cumulus` is locked once it has let us in:
 * files are root's, and so is whoever writes them.
 */
export const cumulusMachine: Guest = {
  ...debianMachine,
  os: "cumulus",
  login: "root",
  backend: "nclu",
  dhcp: {
    running: ["systemctl", "is-active", "--quiet", "dhcrelay"],
    restart: ["systemctl", "restart", "dhcrelay"],
  },
};

/**
 * Cumulus VX 5, whose configuration belongs to NVUE: `nv config apply` writes `frr.conf` and `interfaces` anew from its own
 * store unless it is told to ignore them (`system config apply overwrite`, NVIDIA's NVUE reference, is "all" by default).
 */
export const cumulus5Machine: Guest = { ...cumulusMachine, backend: "nvue" };
