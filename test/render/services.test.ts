import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import { cumulusVx5 } from "../../src/kinds/cumulus-vx5.ts";
import type { Plan } from "../../src/plan/model.ts";
import { renderFiles } from "../../src/render/files.ts";
import { renderInventory } from "../../src/render/inventory.ts";
import { line } from "../../src/render/line.ts";
import { renderSshConfig } from "../../src/render/ssh-config.ts";
import { anycast, duo, onBhyve, onNetns, withLeaves } from "./topologies.ts";

function fileOf(plan: Plan, node: string, path: string): string {
  return renderFiles(plan).find((file) => file.node === node && file.path === path)?.text ?? "";
}

describe("DHCP", () => {
  test("knows each server by MAC and gives name, address, gateway and MTU", () => {
    const text = fileOf(onNetns(anycast), "dhcp01", "/etc/dnsmasq.d/lab.conf");
    expect(text).toContain("dhcp-range=set:vlan100,172.16.0.0,static,255.255.255.0,1h\n");
    expect(text).toContain("dhcp-option=tag:vlan100,option:router,172.16.0.1\n");
    expect(text).toContain("dhcp-option=tag:vlan100,option:mtu,1500\n");
    expect(text).toContain("dhcp-host=58:9c:fc:00:5e:43,server01,172.16.0.101\n");
    expect(text.match(/^dhcp-host=/gm)).toHaveLength(4);
  });

  test("does not listen on the management network", () => {
    expect(fileOf(onNetns(anycast), "dhcp01", "/etc/dnsmasq.d/lab.conf").match(/^interface=.*/gm)).toEqual([
      "interface=eth1",
    ]);
  });

  test.each(["leaf01", "leaf02", "leaf03", "leaf04"])("is relayed by %s, from the bridge alone", (leaf) => {
    const text = fileOf(onNetns(anycast), leaf, "/etc/dnsmasq.d/lab.conf");
    expect(text).toContain("interface=br100\n");
    expect(text).toContain("dhcp-relay=172.16.0.1,192.168.10.5\n");
  });

  test("is relayed by Cumulus' own relay there", () => {
    const text = fileOf(onBhyve(withLeaves(anycast, cumulusVx)), "leaf01", "/etc/default/isc-dhcp-relay");
    expect(text).toBe('SERVERS="192.168.10.5"\nINTF_CMD="-i br100 -i swp1 -i swp2"\nOPTIONS=""\n');
  });
});

describe("Apache", () => {
  test("serves the article's page, to the byte", () => {
    const page = fileOf(onBhyve(anycast), "server01", "/usr/local/www/apache24/data/index.html");
    expect(page).toBe("<html><body>\n<h1>It works!</h1>\n\nserver01\n</body></html>\n");
    // The article's Content-Length.
    expect(page).toHaveLength(57);
  });

  test("listens on the port of every service, once each", () => {
    const more = ["a", "b"].map((name, index) => ({ name, prefix: `172.20.1.${index}/32`, servers: [], port: 8080 }));
    const plan = onNetns({ ...duo, services: [...duo.services, ...more] });
    const text = fileOf(plan, "server01", "/usr/local/etc/apache24/httpd.conf");
    expect(text.match(/^Listen .*/gm)).toEqual(["Listen 0.0.0.0:80", "Listen 0.0.0.0:8080"]);
  });
});

describe("ssh_config", () => {
  const options = { knownHosts: "/home/a b/known", identity: '/home/50%/"id"', proxyCommand: () => undefined };

  test("survives blanks, quotes and percent signs in paths", () => {
    const text = renderSshConfig(onNetns(duo), options);
    expect(text).toContain('    UserKnownHostsFile "/home/a b/known"\n');
    expect(text).toContain('    IdentityFile "/home/50%%/\\"id\\""\n');
  });

  test("pins keys by node name and knows nothing of the hypervisor itself", () => {
    const text = renderSshConfig(onNetns(anycast), options);
    expect(text).toContain("Host server01\n    HostName 172.16.0.101\n    HostKeyAlias server01\n    User root\n");
    expect(text).not.toContain("hypervisor");
  });

  test("shares connections only where it is given a folder for the sockets", () => {
    expect(renderSshConfig(onNetns(duo), options)).not.toContain("Control");
    expect(renderSshConfig(onNetns(duo), { ...options, controlDirectory: "/run/lab" })).toContain(
      '    ControlPath "/run/lab/%C"\n',
    );
  });
});

interface Inventory {
  readonly all: {
    readonly vars: Readonly<Record<string, string>>;
    readonly children: Readonly<Record<string, { readonly hosts: Readonly<Record<string, unknown>> }>>;
  };
}

function read(plan: Plan, sshConfig = "/state/ssh_config"): Inventory {
  return parse(renderInventory(plan, { sshConfig }), { version: "1.1" }) as Inventory;
}

describe("the inventory", () => {
  test("tells a leaf all that the playbook asks for", () => {
    expect(read(onNetns(anycast)).all.children["leaf"]?.hosts["leaf02"]).toEqual({
      ansible_host: "leaf02",
      ansible_user: "root",
      ansible_python_interpreter: "/usr/bin/python3",
      lab_backend: "frr",
      bgp_asn: 65202,
      anycast_asn: 65300,
      anycast_prefixes: ["172.20.0.1/32"],
      anycast_max_prefixes: 8,
      anycast_ports: ["swp6"],
      access_ports: [{ name: "swp5", vlan: "vlan100" }],
      port_mtus: { swp5: 1500, swp6: 1500 },
      bfd: { multiplier: 3, tx_ms: 300, rx_ms: 300 },
      connect_retry_s: 1,
      ra_interval_s: 1,
    });
  });

  test.each([
    [cumulusVx, "nclu"],
    [cumulusVx5, "nvue"],
  ])("says by which back end a $name is spoken to", (kind, backend) => {
    const { children } = read(onBhyve(withLeaves(anycast, kind))).all;
    expect(children["leaf"]?.hosts["leaf01"]).toMatchObject({ lab_backend: backend, ansible_user: "root" });
    // The stand-in on netns has no vendor's tool.
    const standIn = read(onNetns(withLeaves(anycast, kind))).all.children["leaf"]?.hosts["leaf01"];
    expect(standIn).toMatchObject({ lab_backend: "frr", ansible_user: "root" });
  });

  test("says who is a FreeBSD", () => {
    const { children } = read(onBhyve(anycast)).all;
    expect(children["server"]?.hosts["server01"]).toMatchObject({
      ansible_python_interpreter: "/usr/local/bin/python3",
    });
  });

  test("quotes the path of ssh_config for Ansible's own word splitting", () => {
    const { vars } = read(onNetns(duo), "/home/a b/it's").all;
    expect(vars["ansible_ssh_common_args"]).toBe(`-F '/home/a b/it'"'"'s'`);
  });

  test("leaves the hypervisor out", () => {
    expect(renderInventory(onNetns(anycast), { sshConfig: "/s" })).not.toContain("hypervisor");
  });
});

test.each(["", "two words", "a;b", "a\nb", "a#b", "$(a)", '"a"'])("a line refuses %j as a value", (value) => {
  expect(() => line`neighbor ${value} remote-as 1`).toThrow(RangeError);
});
