/** One line that says how far a long piece of work is, and what is being done. */
import { truncate } from "./width.ts";

const barWidth = 24;

/** `██████░░░░░░░░░░░░░░░░░░  25 %  unpacking frr`, in at most `width` columns. */
export function formatProgress(percent: number, doing: string, width?: number): string {
  const share = Math.min(1, Math.max(0, percent / 100));
  const full = Math.floor(share * barWidth);
  const number = String(Math.floor(share * 100)).padStart(3);
  const line = `${"█".repeat(full)}${"░".repeat(barWidth - full)} ${number} %  ${doing}`;
  return width === undefined ? line : truncate(line, width);
}
