import { describe, expect, it, test } from "vitest";
import { formatTable } from "../../src/report/table.ts";
import { truncate, widthOf } from "../../src/report/width.ts";

const columns = [{ title: "NODE" }, { title: "FLOWS", align: "right" }, { title: "WHAT" }] as const;
const rows = [
  [{ text: "leaf01" }, { text: "7" }, { text: "a long explanation" }],
  [{ text: "葉" }, { text: "2000" }],
];

const paint = (style: string, text: string) => `<${style}>${text}</>`;

describe("a table", () => {
  it("is aligned, wide characters included, and has no trailing blanks", () => {
    expect(formatTable({ columns, rows })).toEqual([
      "NODE    FLOWS  WHAT",
      "leaf01      7  a long explanation",
      "葉       2000",
    ]);
  });

  it("cuts its widest column to fit the terminal, never a title", () => {
    const lines = formatTable({ columns, rows }, { width: 24 });
    expect(lines[1]).toBe("leaf01      7  a long e…");
    expect(formatTable({ columns, rows }, { width: 3 })[0]).toBe("NODE  FLOWS  WHAT");
  });

  it("is as wide with colours as without", () => {
    const painted = [[{ text: "leaf01", style: "red" as const }, { text: "7" }, { text: "x" }]];
    expect(formatTable({ columns, rows: painted }, { paint })[1]).toBe("<red>leaf01</>      7  x");
  });

  it("keeps what a node said from moving the cursor", () => {
    expect(formatTable({ columns: [{ title: "WHAT" }], rows: [[{ text: "a\u001b[2J\nb" }]] })[1]).toBe("a [2J b");
  });
});

describe("the width of a text", () => {
  test.each([
    ["leaf01", 6],
    ["葉脈", 4],
    ["한국", 4],
    ["e\u0301", 1],
    ["✅", 2],
    ["→±", 2],
    ["", 0],
  ])("%s is %i", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test.each([
    ["leaf01", 6, "leaf01"],
    ["leaf01", 4, "lea…"],
    ["葉脈葉脈", 4, "葉…"],
    ["leaf01", 0, ""],
  ])("%s in %i columns is %s", (text, most, cut) => {
    expect(truncate(text, most)).toBe(cut);
  });
});
