import { describe, expect, it } from "vitest";
import { isSameConfiguration, statementsOf } from "../../src/drill/configuration.ts";

/** FRR 10.3 on a server, before and after its bgpd has started anew; shortened. */
const before = `Current configuration:
!
hostname vm
bgp route-map delay-timer 1
hostname server02
service integrated-vtysh-config
!
router bgp 65300
 neighbor leaf peer-group
 !
 address-family ipv4 unicast
  redistribute connected route-map VIP
 exit-address-family
exit
!
end
`;
const after = before.replace("hostname vm\nbgp route-map delay-timer 1\n", "bgp route-map delay-timer 1\n");

describe("a running configuration", () => {
  it("is the same byte for byte, or in its statements where a daemon has started anew", () => {
    expect(isSameConfiguration(before, before, false)).toBe(true);
    expect(isSameConfiguration(before, after, false)).toBe(false);
    expect(isSameConfiguration(before, after, true)).toBe(true);
  });

  it.each([
    ["a line less", before.replace("  redistribute connected route-map VIP\n", "")],
    ["a line more", before.replace("end\n", "ip route 0.0.0.0/0 192.0.2.1\nend\n")],
    ["a line that has moved to another statement", before.replace("bgp route-map", " bgp route-map")],
    ["nothing", ""],
  ])("is another with %s", (_, other) => {
    expect(isSameConfiguration(before, other, true)).toBe(false);
  });

  it("comes in statements with what belongs to them", () => {
    expect(statementsOf("b\n x\n  y\nexit\n!\na\nhostname z\n")).toEqual(["a", "b\n x\n  y"]);
  });
});
