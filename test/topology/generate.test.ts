import * as fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { generateTopology } from "../../src/topology/generate.ts";
import { parseTopology } from "../../src/topology/parse.ts";

test("the smallest lab reads as if written by hand", async () => {
  const schema = "./topology.schema.json";
  const text = generateTopology({ name: "small", spines: 1, leaves: 2, servers: 1, schema });
  await expect(text).toMatchFileSnapshot("../golden/generate/small.lab.yaml");
});

test("any size parses without a problem and has what was asked for", { timeout: 60_000 }, () => {
  const sizes = fc.record({
    name: fc.constant("any"),
    spines: fc.integer({ min: 1, max: 16 }),
    leaves: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 12 }), weight: 4 }, fc.integer({ min: 1, max: 128 })),
    servers: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(sizes, (size) => {
      const topology = parseTopology(generateTopology(size), "any.lab.yaml");
      const count = (role: string) => topology.nodes.filter((node) => node.role === role).length;
      expect([count("spine"), count("leaf"), count("server")]).toEqual([
        size.spines,
        size.leaves,
        size.leaves * size.servers,
      ]);
      expect(topology.links).toHaveLength(1 + size.spines + size.spines * size.leaves + 2 * size.leaves * size.servers);
    }),
    { numRuns: 25 },
  );
});

test("the largest lab parses without a problem", { timeout: 20_000 }, () => {
  const topology = parseTopology(
    generateTopology({ name: "large", spines: 16, leaves: 128, servers: 8 }),
    "large.lab.yaml",
  );
  expect(topology.vlans[0]?.subnet).toBe("172.16.0.0/21");
  expect(topology.links).toHaveLength(1 + 16 + 16 * 128 + 2 * 1024);
});

test.each([
  ["spines", 0],
  ["spines", 17],
  ["leaves", 129],
  ["leaves", 1.5],
  ["servers", 0],
  ["servers", 9],
  ["servers", Number.NaN],
])("%s: %d is refused", (part, number) => {
  const size = { name: "x", spines: 1, leaves: 1, servers: 1, [part]: number };
  expect(() => generateTopology(size)).toThrow(UsageError);
});

test.each(["", "Two Words", "a: b", "x".repeat(21)])("the name %o is refused", (name) => {
  expect(() => generateTopology({ name, spines: 1, leaves: 1, servers: 1 })).toThrow(UsageError);
});
