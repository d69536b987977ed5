import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { kinds } from "../../src/kinds/registry.ts";
import { topologyJsonSchema } from "../../src/topology/json-schema.ts";

const folder = new URL("../../topologies/", import.meta.url);
const committed = readFileSync(new URL("topology.schema.json", folder), "utf8");
const editor = z.fromJSONSchema(JSON.parse(committed) as Parameters<typeof z.fromJSONSchema>[0]);

function ends(...names: string[]) {
  return { name: "x", nodes: {}, links: [names] };
}

test("the committed JSON Schema is up to date (npm run schema)", () => {
  expect(committed).toBe(topologyJsonSchema());
});

test("the JSON Schema knows every kind", () => {
  const names = JSON.stringify(kinds.map((kind) => kind.name));
  expect(JSON.stringify(JSON.parse(committed))).toContain(`"enum":${names}`);
});

describe("an editor that reads the JSON Schema", () => {
  test.each(readdirSync(folder).filter((file) => file.endsWith(".lab.yaml")))("accepts %s", (file) => {
    expect(editor.safeParse(parse(readFileSync(new URL(file, folder), "utf8"))).error).toBeUndefined();
  });

  test.each([
    ["a link with one end", ends("leaf01:swp1")],
    ["a link with three ends", ends("leaf01:swp1", "leaf02:swp1", "leaf03:swp1")],
    ["an end without interface", ends("leaf01", "leaf02:swp1")],
    ["an end with a name that is no name", ends("Leaf01:swp1", "leaf02:swp1")],
    ["a link in long form with one end", { name: "x", nodes: {}, links: [{ ends: ["leaf01:swp1"] }] }],
    ["an unknown key", { name: "x", nodes: {}, links: [], node: {} }],
    ["an unknown role", { name: "x", nodes: { leaf01: "laef" }, links: [] }],
    ["an unknown kind", { name: "x", nodes: { leaf01: { role: "leaf", kind: "cumulus" } }, links: [] }],
    ["a name that is no name", { name: "x", nodes: { "leaf 01": "leaf" }, links: [] }],
    ["a VLAN without VNI", { name: "x", nodes: {}, links: [], vlans: { v: { id: 2, subnet: "10.0.0.0/24" } } }],
  ])("refuses %s", (_, file) => {
    expect(editor.safeParse(file).success).toBe(false);
  });

  test("accepts a link that is right", () => {
    expect(editor.safeParse(ends("leaf01:swp1", "leaf02:swp1")).success).toBe(true);
  });
});
