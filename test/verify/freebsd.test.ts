import { describe, expect, it } from "vitest";
import { inFreeBsd } from "../../src/verify/freebsd.ts";
import { askAddresses, askFullSizePing, askPage, askPing, askRoutes, askSysctls } from "../../src/verify/questions.ts";
import { addressesOf, hopsOf, isUp, readLinks, readRoutes } from "../../src/verify/read-ip.ts";

const ifconfig = `em0: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\toptions=48505bb<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING>
\tether 58:9c:fc:00:5e:43
\tinet 172.16.0.101 netmask 0xffffff00 broadcast 172.16.0.255
\tinet6 fe80::5a9c:fcff:fe00:5e43%em0 prefixlen 64 scopeid 0x1
\tmedia: Ethernet autoselect (1000baseT <full-duplex>)
\tstatus: active
\tnd6 options=21<PERFORMNUD,AUTO_LINKLOCAL>
em1: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 9000
\tether 58:9c:fc:04:71:4e
\tstatus: no carrier
lo1: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> metric 0 mtu 16384
\tinet 172.20.0.1 netmask 0xffffffff
\tgroups: lo
bridge3: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 9216
\tdescription: vm/leaf-with-a-long-name
`;

const netstat = `Routing tables

Internet:
Destination        Gateway            Flags         Netif Expire
default            172.16.0.1         UGS             em0
10.100.0.3         fe80::1%em1        UGH1            em1
127.0.0.1          link#3             UH              lo0
172.16.0.0/24      link#1             U               em0
`;

const printed = (stdout: string) => ({ exitCode: 0, stdout, stderr: "" });

describe("FreeBSD's answers in the words of Linux", () => {
  it("are links with their addresses, MAC, MTU and carrier", () => {
    const { argv, read } = inFreeBsd(askAddresses.argv);
    expect(argv).toEqual(["ifconfig", "-a"]);
    const links = readLinks(read(printed(ifconfig)));
    if ("problem" in links) throw new Error(links.problem);
    const [em0, em1, lo1, bridge] = links.value;
    expect(em0).toMatchObject({ ifname: "em0", mtu: 1500, address: "58:9c:fc:00:5e:43" });
    expect(em0 && addressesOf(em0, "inet")).toEqual(["172.16.0.101/24"]);
    expect(em0 && addressesOf(em0, "inet6")).toEqual(["fe80::5a9c:fcff:fe00:5e43/64"]);
    expect([em0, em1, lo1].map((link) => link && isUp(link))).toEqual([true, false, true]);
    expect(lo1 && addressesOf(lo1, "inet")).toEqual(["172.20.0.1/32"]);
    // The kernel's own name says nothing.
    expect(bridge?.ifname).toBe("vm-leaf-with-a-long-name");
  });

  it("are routes, those of a routing daemon told from others", () => {
    const { argv, read } = inFreeBsd(askRoutes.argv);
    expect(argv).toEqual(["netstat", "-rn", "-f", "inet"]);
    const routes = readRoutes(read(printed(netstat)));
    if ("problem" in routes) throw new Error(routes.problem);
    expect(hopsOf(routes.value, "default")).toEqual([{ device: "em0", via: "172.16.0.1" }]);
    expect(routes.value.filter(({ protocol }) => protocol === "bgp").map(({ dst }) => dst)).toEqual(["10.100.0.3"]);
  });

  it("are the connections from one address, by the states that ss calls them", () => {
    const { argv, read } = inFreeBsd(["ss", "-H", "-t", "-a", "-n", "src", "172.20.0.1"]);
    expect(argv).toEqual(["netstat", "-n", "-a", "-f", "inet", "-p", "tcp"]);
    const listing = [
      "Active Internet connections (including servers)",
      "Proto Recv-Q Send-Q Local Address          Foreign Address        (state)    ",
      "tcp4       0      0 172.16.0.101.22        100.64.0.1.50022       ESTABLISHED",
      "tcp4       0    512 172.20.0.1.80          192.168.10.10.41002    ESTABLISHED",
      "tcp4       0      0 172.20.0.1.80          192.168.10.10.41000    TIME_WAIT  ",
      "tcp4       0      0 172.20.0.1.80          *.*                    LISTEN     ",
      "tcp46      0      0 *.80                   *.*                    LISTEN     ",
      "tcp4       0      0 172.20.0.11.80         192.168.10.10.41004    ESTABLISHED",
    ];
    expect(read(printed(`${listing.join("\n")}\n`)).stdout).toBe(
      [
        "ESTAB 0 512 172.20.0.1:80 192.168.10.10:41002",
        "TIME-WAIT 0 0 172.20.0.1:80 192.168.10.10:41000",
        "LISTEN 0 0 172.20.0.1:80 *:*",
        "",
      ].join("\n"),
    );
  });

  it("are settings with an equals sign", () => {
    const { read } = inFreeBsd(askSysctls(["net.inet.ip.forwarding"]).argv);
    expect(read(printed("net.inet.ip.forwarding: 0\n")).stdout).toBe("net.inet.ip.forwarding = 0\n");
  });

  it("are a page with its status, which fetch tells by its exit code", () => {
    const { argv, read } = inFreeBsd(askPage("http://172.20.0.1/").argv);
    expect(argv).toEqual(["fetch", "-q", "-T", "3", "-o", "-", "http://172.20.0.1/"]);
    expect(read(printed("It works!\n")).stdout).toBe("It works!\n\n200");
    expect(read({ exitCode: 1, stdout: "", stderr: "fetch: Not Found" }).stdout).toBe("");
  });
});

describe("questions that FreeBSD takes in other words", () => {
  it("wait in milliseconds, and forbid to split by a flag of its own", () => {
    expect(inFreeBsd(askPing("172.20.0.1").argv).argv).toEqual([
      "ping",
      "-n",
      "-c",
      "3",
      "-i",
      "0.2",
      "-W",
      "1000",
      "172.20.0.1",
    ]);
    expect(inFreeBsd(askFullSizePing("172.16.0.102", 1500).argv).argv).toEqual([
      "ping",
      "-n",
      "-c",
      "1",
      "-W",
      "1000",
      "-D",
      "-s",
      "1472",
      "172.16.0.102",
    ]);
  });

  it("are the same where both have one tool", () => {
    expect(inFreeBsd(["vtysh", "-c", "show daemons"]).argv).toEqual(["vtysh", "-c", "show daemons"]);
  });
});
