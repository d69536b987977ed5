/** Readers of single values: text → value, or what is wrong and what to write. */
import { isIP, isIPv4 } from "./address.ts";
import type { Reading } from "./problem.ts";
import type { StatusRange, Target } from "./service.ts";

export type Reader<T> = (text: string) => Reading<T>;

/** Decimal seconds → milliseconds. */
export function seconds(least: number, most: number): Reader<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d{1,3})?$/.test(text) && value >= least && value <= most) return { value: Math.round(value * 1000) };
    return { message: `\`${text}\` is no time from ${least} to ${most} s`, hint: "write decimal seconds, like 0.5" };
  };
}

export function wholeSeconds(least: number, most: number): Reader<number> {
  return (text) => {
    const reading = whole(least, most)(text);
    return "value" in reading ? { value: reading.value * 1000 } : { ...reading, hint: "write whole seconds" };
  };
}

export function whole(least: number, most: number): Reader<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return { value };
    return { message: `\`${text}\` is no whole number from ${least} to ${most}`, hint: `for example ${least}` };
  };
}

/** A part of one, 0 to 1. */
export function part(text: string): Reading<number> {
  const value = Number(text);
  if (/^[01](\.\d{1,4})?$/.test(text) && value <= 1) return { value };
  return { message: `\`${text}\` is no number from 0 to 1`, hint: "0.1 makes a tenth of every interval random" };
}

export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (text) => {
    const value = words.find((word) => word === text);
    if (value !== undefined) return { value };
    return { message: `\`${text}\` is not known here`, hint: `write ${words.join(", ")}` };
  };
}

/** Text of a form; `hint` shows it. */
export function matching(form: RegExp, what: string, hint: string): Reader<string> {
  return (text) => (form.test(text) ? { value: text } : { message: `\`${text}\` is no ${what}`, hint });
}

export function path(text: string): Reading<string> {
  return matching(/^\/[^\0]*$/, "absolute path", "begin it with /")(text);
}

/** `172.20.0.1/32`, one or several, separated by blanks or commas. */
export function hostPrefixes(text: string): Reading<readonly string[]> {
  const value = text.split(/[\s,]+/).filter((word) => word !== "");
  const wrong = value.find((word) => !word.endsWith("/32") || !isIPv4(word.slice(0, -3)));
  if (value.length > 0 && wrong === undefined && new Set(value).size === value.length) return { value };
  return { message: `\`${wrong ?? text}\` is no list of different /32 prefixes`, hint: "for example 172.20.0.1/32" };
}

/** The service's own address with a shorter length. */
export function coverPrefix(text: string): Reading<string> {
  const [address = "", length = "", ...rest] = text.split("/");
  if (isIPv4(address) && /^(2[4-9]|3[01])$/.test(length) && rest.length === 0) return { value: text };
  return {
    message: `\`${text}\` is no prefix from /24 to /31`,
    hint: "write the service's address, like 172.20.0.1/31",
  };
}

/** `127.0.0.1:80` or `[::1]:80`. */
export function target(text: string): Reading<Target> {
  const found = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text);
  const address = found?.[1] ?? found?.[2] ?? "";
  const port = Number(found?.[3]);
  if (isIP(address) && port >= 1 && port <= 65_535) return { value: { address, port } };
  const hint = "write a local address and a port, like 127.0.0.1:80 or [::1]:80; names would need a resolver";
  return { message: `\`${text}\` is no address and port`, hint };
}

/** `200-299, 304`. */
export function statuses(text: string): Reading<readonly StatusRange[]> {
  const value = text.split(/[\s,]+/).map((word): StatusRange => {
    const [from = "", to = from] = word.split("-");
    return /^\d{3}(-\d{3})?$/.test(word) ? [Number(from), Number(to)] : [1, 0];
  });
  if (value.every(([from, to]) => from <= to && from >= 100)) return { value };
  return { message: `\`${text}\` is no set of HTTP statuses`, hint: "for example 200-299, 304" };
}

/** A program by its absolute path and its arguments; words with blanks in double quotes. No shell reads it. */
export function command(text: string): Reading<readonly string[]> {
  const words = text.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
  const value = words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word));
  const rest = text.replaceAll(/"(?:[^"\\]|\\.)*"|[^\s"]+/g, "").trim();
  if (rest === "" && value[0]?.startsWith("/")) return { value };
  return {
    message: `\`${text}\` is no command`,
    hint: "write a program's absolute path and its arguments; no shell reads it",
  };
}

export function regex(text: string): Reading<string> {
  try {
    return { value: new RegExp(text, "u").source };
  } catch {
    return { message: `\`${text}\` is no regular expression`, hint: "see JavaScript's RegExp with the flag u" };
  }
}
