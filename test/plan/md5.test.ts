import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { md5 } from "../../src/plan/md5.ts";

test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["lf01-srv18a", "48e16"],
])("the digest of %j is RFC 1321's", (text, digest) => {
  expect(md5(text).slice(0, digest.length)).toBe(digest);
});

test("any text has the digest that others give it", () => {
  const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 200 });
  fc.assert(
    fc.property(ascii, (text) => {
      expect(md5(text)).toBe(createHash("md5").update(text).digest("hex"));
    }),
  );
  for (const length of [55, 56, 57, 63, 64, 65, 119, 120]) {
    const text = "x".repeat(length);
    expect(md5(text)).toBe(createHash("md5").update(text).digest("hex"));
  }
});
