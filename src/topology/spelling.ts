/**
 * How the words of a topology are spelt, and what is wrong with one that is not. They end up in host names, interface
 * names, FRR and shell words, so the alphabets are small.
 */
import { show } from "./words.ts";

/** Lab and node names. */
export const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Kernel limit IFNAMSIZ is 16 with the final NUL; a colon or slash is never allowed. */
export const interfacePattern = /^[a-z][a-z0-9]{0,14}$/;
/** `node:interface`. */
export const endPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*:[a-z][a-z0-9]{0,14}$/;
/** `node`, or `node:interface`. */
export const memberPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?::[a-z][a-z0-9]{0,14})?$/;
/** Six octets in lower case. */
export const macPattern = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
/** RFC 5396 asdot+, e.g. `65000.1`: two numbers up to 65535. */
export const asdotPattern =
  /^(?:(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])(?:\.(?!$)|$)){2}$/;

const mostInterface = 15;

/** Why a text is no name of at most `most` characters. */
export function faultOfName(text: string, most: number): string {
  if (text === "") return "it is empty";
  if (text.length > most) return `it has ${text.length} characters, at most ${most} fit`;
  return faultOfLetters(text, /[^a-z0-9-]/u) ?? faultOfHyphens(text);
}

/** Why a text is no interface name. */
export function faultOfInterface(text: string): string {
  if (text === "") return "it is empty";
  if (text.length > mostInterface) {
    return `it has ${text.length} characters, the kernel allows ${mostInterface}`;
  }
  return faultOfLetters(text, /[^a-z0-9]/u) ?? "it must start with a letter";
}

/** Why a text is no `node:interface`; `most` bounds the node name. */
export function faultOfEnd(text: string, most: number): string {
  const [node = "", port, ...rest] = text.split(":");
  if (port === undefined) return "the interface is missing";
  if (rest.length > 0) return "it has more than one colon";
  if (!namePattern.test(node) || node.length > most) {
    return `the node name ${show(node)} is not right, ${faultOfName(node, most)}`;
  }
  return `the interface name ${show(port)} is not right, ${faultOfInterface(port)}`;
}

/** Why a text is no network member. */
export function faultOfMember(text: string, most: number): string {
  return text.includes(":") ? faultOfEnd(text, most) : faultOfName(text, most);
}

/** Why a text is no MAC address. */
export function faultOfMac(text: string): string {
  if (/^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$/.test(text)) return "write it in lower case, with colons";
  return "it needs six pairs of hexadecimal digits, with colons";
}

/** Why a text is no IPv4 address. */
export function faultOfAddress(text: string): string {
  if (/^[0-9.]+\/[0-9]+$/.test(text)) return "a prefix length does not belong here";
  if (/^[0-9a-f:]*:[0-9a-f:]*$/i.test(text)) return "IPv6 addresses need not be given, they are link-local";
  const octets = text.split(".");
  if (octets.length !== 4) return "it needs four numbers with dots between them";
  if (octets.some((octet) => /^0[0-9]+$/.test(octet))) return "some programs read a leading zero as octal";
  return "each of its four numbers goes from 0 to 255";
}

/** Why a text is no IPv4 subnet. */
export function faultOfSubnet(text: string): string {
  const [address = "", length, ...rest] = text.split("/");
  if (address.includes(":")) return faultOfAddress(address);
  if (length === undefined) return "the prefix length is missing";
  if (rest.length > 0) return "it has more than one slash";
  if (!/^(?:[0-9]|[12][0-9]|3[0-2])$/.test(length)) return "the prefix length goes from 0 to 32";
  return faultOfAddress(address);
}

/** Why a text is no AS number in asdot notation (RFC 5396). */
export function faultOfAsdot(text: string): string {
  if (/^[0-9]+$/.test(text)) return "write the number without quotes";
  return "it is a number, or two up to 65535 with a dot between them";
}

function faultOfLetters(text: string, refused: RegExp): string | undefined {
  if (text.includes(" ")) return "it contains a space";
  if (/\s/.test(text)) return "it contains white space";
  if (/[A-Z]/.test(text)) return "write it in lower case";
  if (text.includes("_")) return "an underscore is not allowed in host names";
  const letter = refused.exec(text)?.[0];
  return letter === undefined ? undefined : `it contains ${show(letter)}`;
}

function faultOfHyphens(text: string): string {
  if (/^[^a-z]/.test(text)) return "it must start with a letter";
  return "a hyphen needs a letter or digit on both sides";
}
