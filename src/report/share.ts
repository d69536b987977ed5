/** How the clients' flows were spread over the servers: a bar, a percentage and a count for each. */
import type { ServerShare, Summary } from "../verify/summary.ts";
import { type LayoutOptions, type Paint, plain } from "./paint.ts";
import { padding, widthOf } from "./width.ts";

/** Columns of the longest bar. */
const longest = 32;

/** A line per server of each measured service; nothing where no spread was measured. */
export function formatShares({ spread }: Pick<Summary, "spread">, options: LayoutOptions = {}): readonly string[] {
  const paint = options.paint ?? plain;
  return spread.flatMap(({ servers }) => {
    const most = Math.max(...servers.map(({ share }) => share));
    const width = Math.max(...servers.map(({ server }) => widthOf(server)));
    return servers.map((server) => formatShare(server, most, width, paint));
  });
}

function formatShare({ server, share, flows }: ServerShare, most: number, width: number, paint: Paint): string {
  const bar = most === 0 ? "" : "█".repeat(Math.round((share / most) * longest));
  const percent = `${(share * 100).toFixed(1)} %`.padStart(7);
  const painted = flows === 0 ? paint("red", percent) : percent;
  return `${server}${padding(server, width)}  ${painted}  ${paint("cyan", bar)}${padding(bar, longest)}  ${flows}`.trimEnd();
}
