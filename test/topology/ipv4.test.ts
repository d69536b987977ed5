import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  broadcastAddress,
  containsAddress,
  countAddresses,
  formatAddress,
  formatSubnet,
  hostRange,
  isHostAddress,
  linkAddresses,
  networkAddress,
  nthAddress,
  nthAddressWithLength,
  overlaps,
  readAddress,
  readSubnet,
  subnetOf,
  type Subnet,
  withoutLength,
} from "../../src/topology/ipv4.ts";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const subnet = fc.record({ address, length: fc.integer({ min: 0, max: 32 }) });

function contains(outer: Subnet, inner: Subnet): boolean {
  return outer.length <= inner.length && containsAddress(outer, networkAddress(inner));
}

describe("text", () => {
  test("every address and subnet reads back as it was written", () => {
    fc.assert(fc.property(address, (value) => readAddress(formatAddress(value)) === value));
    fc.assert(
      fc.property(subnet, (value) => {
        expect(readSubnet(formatSubnet(value))).toEqual(value);
      }),
    );
  });

  test.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "1.2.3.-4",
    "1.2.3.4 ",
    "a.b.c.d",
    "1..2.3",
    "0x1.2.3.4",
  ])("%o is not an address", (text) => expect(readAddress(text)).toBeUndefined());

  test.each(["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/8/8", "/8", "10.0.0/8"])(
    "%o is not a subnet",
    (text) => expect(readSubnet(text)).toBeUndefined(),
  );
});

describe("arithmetic", () => {
  test.each([
    ["10.1.2.3/24", "10.1.2.0", "10.1.2.255", "10.1.2.1", "10.1.2.254"],
    ["255.255.255.255/1", "128.0.0.0", "255.255.255.255", "128.0.0.1", "255.255.255.254"],
    ["0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.1", "255.255.255.254"],
    ["10.0.0.2/31", "10.0.0.2", "10.0.0.3", "10.0.0.2", "10.0.0.3"],
    ["10.0.0.7/32", "10.0.0.7", "10.0.0.7", "10.0.0.7", "10.0.0.7"],
  ])("%s goes from %s to %s, hosts from %s to %s", (text, network, broadcast, first, last) => {
    const value = subnetOf(text);
    const hosts = hostRange(value);
    const all = [networkAddress(value), broadcastAddress(value), hosts.first, hosts.last];
    expect(all.map(formatAddress)).toEqual([network, broadcast, first, last]);
  });

  test("subnets overlap exactly when the larger contains the smaller one's network address", () => {
    fc.assert(
      fc.property(subnet, subnet, (one, other) => {
        expect(overlaps(one, other)).toBe(contains(one, other) || contains(other, one));
      }),
    );
  });

  test("a subnet has as many addresses as its ends are apart, and contains its hosts", () => {
    fc.assert(
      fc.property(subnet, (value) => {
        expect(broadcastAddress(value) - networkAddress(value) + 1).toBe(countAddresses(value));
        expect(containsAddress(value, value.address)).toBe(true);
        expect(isHostAddress(value, hostRange(value).first)).toBe(true);
      }),
    );
  });

  test("hosts are counted from the network address", () => {
    expect(nthAddress("172.16.0.0/24", 101)).toBe("172.16.0.101");
    expect(nthAddressWithLength("172.16.0.0/21", 300)).toBe("172.16.1.44/21");
    expect(() => nthAddress("172.16.0.0/24", 256)).toThrow(RangeError);
  });

  test("a link has two addresses, whether /30 or /31", () => {
    expect(linkAddresses("10.0.3.0/30")).toEqual(["10.0.3.1", "10.0.3.2"]);
    expect(linkAddresses("10.0.3.4/31")).toEqual(["10.0.3.4", "10.0.3.5"]);
  });
});

test.each([
  ["10.0.3.1/30", "10.0.3.1"],
  ["10.0.3.1", "10.0.3.1"],
  ["fe80::1/64", "fe80::1"],
  ["", ""],
])("%s without its prefix length is %s", (text, bare) => {
  expect(withoutLength(text)).toBe(bare);
});
