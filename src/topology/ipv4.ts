/**
 * IPv4 arithmetic on plain numbers: an address is an unsigned 32-bit integer, a subnet is an address and a prefix length.
 * `readX` answers undefined for text that is not one; `xOf` is for text a topology has already vouched for, and throws.
 */

/** An address and its prefix length; host bits may be set. */
export interface Subnet {
  /** The address as written, 0 … 2^32-1. Equal to the network address unless host bits are set. */
  readonly address: number;
  /** Prefix length, 0 … 32. */
  readonly length: number;
}

const octet = /^(?:0|[1-9][0-9]{0,2})$/;

/** Strict dotted quad: no leading zeros (octal to some tools), no short forms. */
export function readAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!octet.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** `10.0.3.0/30`, spelt as strictly as an address. */
export function readSubnet(text: string): Subnet | undefined {
  const [quad, length, ...rest] = text.split("/");
  if (quad === undefined || length === undefined || rest.length > 0) return undefined;
  const address = readAddress(quad);
  if (address === undefined || !octet.test(length) || Number(length) > 32) return undefined;
  return { address, length: Number(length) };
}

/** @throws RangeError for text that is no address */
export function addressOf(text: string): number {
  const address = readAddress(text);
  if (address === undefined) throw new RangeError(`not an IPv4 address: ${text}`);
  return address;
}

/** @throws RangeError for text that is no subnet */
export function subnetOf(text: string): Subnet {
  const subnet = readSubnet(text);
  if (subnet === undefined) throw new RangeError(`not an IPv4 subnet: ${text}`);
  return subnet;
}

/** The dotted quad of an unsigned 32-bit integer. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** With host bits, where the subnet has any: `10.0.3.1/30`. */
export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.address)}/${subnet.length}`;
}

/** `10.0.3.1/30` → `10.0.3.1`; of IPv6 addresses too. What has no prefix length stays as it is. */
export function withoutLength(address: string): string {
  return address.split("/", 1)[0] ?? address;
}

/** Number of addresses, network and broadcast included: 2^32 for /0, so never a 32-bit integer. */
export function countAddresses(subnet: Subnet): number {
  return 2 ** (32 - subnet.length);
}

/** The lowest address, host bits cleared. */
export function networkAddress(subnet: Subnet): number {
  return subnet.address - (subnet.address % countAddresses(subnet));
}

/** The highest address. */
export function broadcastAddress(subnet: Subnet): number {
  return networkAddress(subnet) + countAddresses(subnet) - 1;
}

/** Network and broadcast address included. */
export function containsAddress(subnet: Subnet, address: number): boolean {
  return address >= networkAddress(subnet) && address <= broadcastAddress(subnet);
}

/** Two subnets overlap exactly when one contains the other's network address. */
export function overlaps(one: Subnet, other: Subnet): boolean {
  return containsAddress(one, networkAddress(other)) || containsAddress(other, networkAddress(one));
}

/** First and last address a host may have; a /31 (RFC 3021) and a /32 have neither network nor broadcast address. */
export function hostRange(subnet: Subnet): { readonly first: number; readonly last: number } {
  const spare = subnet.length >= 31 ? 0 : 1;
  return { first: networkAddress(subnet) + spare, last: broadcastAddress(subnet) - spare };
}

/** Whether a host may have the address: see `hostRange`. */
export function isHostAddress(subnet: Subnet, address: number): boolean {
  const { first, last } = hostRange(subnet);
  return address >= first && address <= last;
}

/** The address at `offset` from the network address, e.g. `nthAddress("172.16.0.0/24", 101)` is `172.16.0.101`. */
export function nthAddress(subnet: string, offset: number): string {
  const parsed = subnetOf(subnet);
  const address = networkAddress(parsed) + offset;
  if (!containsAddress(parsed, address)) throw new RangeError(`no address number ${offset} in ${subnet}`);
  return formatAddress(address);
}

/** As `nthAddress`, with the subnet's prefix length: `172.16.0.101/24`. */
export function nthAddressWithLength(subnet: string, offset: number): string {
  return `${nthAddress(subnet, offset)}/${subnetOf(subnet).length}`;
}

/** The two addresses of a numbered point-to-point link, lower first: hosts of a /30, both addresses of a /31. */
export function linkAddresses(subnet: string): readonly [string, string] {
  const { first } = hostRange(subnetOf(subnet));
  return [formatAddress(first), formatAddress(first + 1)];
}
