/** Addresses as text, without Node: this room also renders configuration where no Node modules may be. */

/** Four numbers from 0 to 255 without leading zeros. */
export function isIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((each) => /^(0|[1-9]\d{0,2})$/.test(each) && Number(each) <= 255);
}

/** An IPv4 or IPv6 address. */
export function isIP(text: string): boolean {
  if (!text.includes(":")) return isIPv4(text);
  const halves = text.split("::");
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const right = groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return right && (halves.length === 2 ? groups.length < 8 : halves.length === 1 && groups.length === 8);
}

/** `172.20.0.1/31` → `172.20.0.1`. */
export function addressOf(prefix: string): string {
  return prefix.slice(0, prefix.indexOf("/"));
}
