import { describe, expect, it } from "vitest";
import { Fib } from "../../src/drill/fib.ts";
import { readNotice } from "../../src/drill/monitor.ts";

/** What is sent to 172.20.0.1 after each of these lines. */
function follow(...lines: readonly string[]): readonly string[] {
  const fib = new Fib("172.20.0.1");
  return lines.map((line) => {
    const notice = readNotice(line);
    if (notice === undefined) throw new Error(`not read: ${line}`);
    fib.apply(notice.change);
    return fib.ports().join(" ");
  });
}

const hops = ["id 10 via fe80::1 dev swp1", "id 11 via fe80::2 dev swp2", "id 20 group 10/11"];
const route =
  "172.20.0.1 nhid 20 \\\tnexthop via inet6 fe80::1 dev swp1 weight 1 \\\tnexthop via inet6 fe80::2 dev swp2";
const noCarrier = "3: swp1@em1: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500";
const down = "3: swp1@em1: <BROADCAST,MULTICAST> mtu 1500";
const up = "3: swp1@em1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500";

describe("a kernel's routes", () => {
  it("are none before it tells of one, and of other addresses nothing is known", () => {
    expect(follow(...hops, "172.20.0.2 nhid 20")).toEqual(["", "", "", ""]);
  });

  it("follow the route from one object to another, and its end", () => {
    expect(
      follow(...hops, route, "172.20.0.1 nhid 11 via inet6 fe80::2 dev swp2", "Deleted 172.20.0.1 nhid 11"),
    ).toEqual(["", "", "", "swp1 swp2", "swp2", ""]);
  });

  it("follow a group that changes under the route", () => {
    const back = ["id 20 group 11", "id 20 group 10/11"];
    expect(follow(...hops, route, ...back).slice(3)).toEqual(["swp1 swp2", "swp2", "swp1 swp2"]);
  });

  it("lose a port with its carrier, of which the kernel says nothing more, and get it back by a new object only", () => {
    const back = [up, "id 10 via fe80::1 dev swp1", "id 20 group 10/11"];
    expect(follow(...hops, route, noCarrier, ...back).slice(3)).toEqual([
      "swp1 swp2",
      "swp2",
      "swp2",
      "swp1 swp2",
      "swp1 swp2",
    ]);
  });

  it("lose a port that another object is about to bring back under another number", () => {
    const replaced = ["id 12 via fe80::1 dev swp1", "id 21 group 12/11", "172.20.0.1 nhid 21 via dev swp1"];
    expect(follow(...hops, route, down, ...replaced).slice(3)).toEqual([
      "swp1 swp2",
      "swp2",
      "swp2",
      "swp2",
      "swp1 swp2",
    ]);
  });

  it("have a route's own words where nobody has told of its objects", () => {
    expect(follow("172.20.0.1 nhid 99 via inet6 fe80::1 dev swp1", noCarrier)).toEqual(["swp1", ""]);
    expect(follow("id 20 group 10/11", route)).toEqual(["", "swp1 swp2"]);
  });

  it("without objects keep a port without carrier, and lose one that is down by itself", () => {
    expect(follow("172.20.0.1 via 10.0.3.1 dev swp1", noCarrier, down)).toEqual(["swp1", "swp1", ""]);
  });

  it("end with their object", () => {
    expect(
      follow(...hops, "172.20.0.1 nhid 10 via inet6 fe80::1 dev swp1", "Deleted id 10 via fe80::1").slice(3),
    ).toEqual(["swp1", ""]);
  });
});
