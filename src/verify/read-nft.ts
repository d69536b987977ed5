/** What `nft -j list table` prints; shape of nftables 1.1, libnftables-json(5). */
import { z } from "zod";
import type { Reply } from "./model.ts";
import { type Read, readJson } from "./read-json.ts";

const word = z.union([z.string(), z.number()]);
const statement = z.looseObject({
  match: z
    .looseObject({
      op: z.string(),
      left: z.looseObject({
        meta: z.looseObject({ key: z.string() }).optional(),
        payload: z.looseObject({ protocol: z.string(), field: z.string() }).optional(),
      }),
      right: z.union([word, z.looseObject({ set: z.array(word) })]),
    })
    .optional(),
});
const listing = z.object({
  nftables: z.array(
    z.looseObject({
      chain: z.looseObject({ hook: z.string().optional(), name: z.string() }).optional(),
      rule: z.looseObject({ chain: z.string(), expr: z.array(statement) }).optional(),
    }),
  ),
});

type Statement = z.infer<typeof statement>;

/** What is dropped on its way in, as `swp5 nd-router-advert`, `swp5 67`: port, and ICMPv6 type or UDP source port. */
export function readDrops(reply: Reply): Read<ReadonlySet<string>> {
  const read = readJson(reply, listing);
  if ("problem" in read) return read;
  const hooked = new Set(
    read.value.nftables.flatMap(({ chain }) => (chain?.hook === "prerouting" ? [chain.name] : [])),
  );
  const rules = read.value.nftables.flatMap(({ rule }) => (rule !== undefined && hooked.has(rule.chain) ? [rule] : []));
  return { value: new Set(rules.flatMap(({ expr }) => dropsOf(expr))) };
}

function dropsOf(statements: readonly Statement[]): readonly string[] {
  if (!statements.some((one) => "drop" in one)) return [];
  const matches = statements.flatMap(({ match }) => (match?.op === "==" ? [match] : []));
  const ports = matches.filter(({ left }) => left.meta?.key === "iifname").flatMap(({ right }) => wordsOf(right));
  const kinds = matches
    .filter(({ left: { payload } }) => ["icmpv6 type", "udp sport"].includes(`${payload?.protocol} ${payload?.field}`))
    .flatMap(({ right }) => wordsOf(right));
  // A further condition would let some of it through.
  if (matches.length !== 2 || statements.some(({ match }) => match !== undefined && match.op !== "==")) return [];
  return ports.flatMap((port) => kinds.map((kind) => `${port} ${kind}`));
}

function wordsOf(right: NonNullable<Statement["match"]>["right"]): readonly (string | number)[] {
  return typeof right === "object" ? right.set : [right];
}
