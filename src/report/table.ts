/** Aligned columns of text. Colours are put around the padded cell's text, so that they never count as width. */
import { type LayoutOptions, type Paint, plain, type Style } from "./paint.ts";
import { oneLine, padding, truncate, widthOf } from "./width.ts";

/** A heading; to the left if not said otherwise. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Line breaks and other control characters of the text become spaces. */
export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** A row that is shorter than the columns ends in empty cells. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const gap = 2;

/**
 * A heading line and one line per row, without trailing blanks. Where a width is given, the widest column gives way until
 * the lines fit; no column is cut below its title.
 */
export function formatTable({ columns, rows }: Table, options: LayoutOptions = {}): readonly string[] {
  const paint = options.paint ?? plain;
  const clean = rows.map((row) => columns.map((_, index) => cleanCell(row[index])));
  const widths = fitWidths(columns, naturalWidths(columns, clean), options.width);
  const heading = columns.map(({ title }): Cell => ({ text: title, style: "bold" }));
  return [heading, ...clean].map((row) => formatRow(row, columns, widths, paint));
}

/** The same of cells that are only text. */
export function formatTexts(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: LayoutOptions = {},
): readonly string[] {
  const columns = titles.map((title): Column => ({ title }));
  return formatTable({ columns, rows: rows.map((row) => row.map((text): Cell => ({ text }))) }, options);
}

function cleanCell(cell: Cell | undefined): Cell {
  return cell === undefined ? { text: "" } : { ...cell, text: oneLine(cell.text) };
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  return columns.map(({ title }, index) => {
    const widths = rows.map((row) => widthOf(row[index]?.text ?? ""));
    return Math.max(widthOf(title), ...widths);
  });
}

function fitWidths(
  columns: readonly Column[],
  natural: readonly number[],
  most: number | undefined,
): readonly number[] {
  const widths = [...natural];
  let excess = most === undefined ? 0 : sum(widths) + gap * (widths.length - 1) - most;
  const least = columns.map(({ title }) => widthOf(title));
  while (excess > 0) {
    const widest = widestThatGives(widths, least);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
    excess -= 1;
  }
  return widths;
}

function widestThatGives(widths: readonly number[], least: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [index, width] of widths.entries()) {
    if (width > (least[index] ?? 0) && (widest === undefined || width > (widths[widest] ?? 0))) widest = index;
  }
  return widest;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function formatRow(row: readonly Cell[], columns: readonly Column[], widths: readonly number[], paint: Paint): string {
  const cells = row.map(({ text, style }, index) => {
    const width = widths[index] ?? 0;
    const fitted = truncate(text, width);
    const blanks = padding(fitted, width);
    const painted = style === undefined || fitted === "" ? fitted : paint(style, fitted);
    return columns[index]?.align === "right" ? blanks + painted : painted + blanks;
  });
  return cells.join(" ".repeat(gap)).trimEnd();
}
