/** MD5 (RFC 1321) of ASCII text: vm-bhyve tells switches apart by it. Pure, as all of the plan; no use for secrets. */

/** Rotations by round, four steps each. */
const turns = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
/** The word that each round begins with, and how far it goes on at each step. */
const walks = [
  [0, 1],
  [1, 5],
  [5, 3],
  [0, 7],
] as const;
const sines = Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32));

type State = readonly [number, number, number, number];

/** 32 hexadecimal digits. */
export function md5(text: string): string {
  const words = pad(text);
  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < words.length; at += 16) state = digest(state, words.slice(at, at + 16));
  return state.map(hexOf).join("");
}

/** The text, a one bit, zeros, and its length in bits: whole blocks of 16 little-endian words. */
function pad(text: string): number[] {
  const words = Array.from({ length: ((text.length + 8) >> 6) * 16 + 16 }, () => 0);
  const put = (at: number, byte: number) => (words[at >> 2] = (words[at >> 2] ?? 0) | (byte << ((at & 3) * 8)));
  for (let at = 0; at < text.length; at += 1) put(at, text.charCodeAt(at));
  put(text.length, 0x80);
  words[words.length - 2] = text.length * 8;
  return words;
}

function digest(before: State, block: readonly number[]): State {
  let [a, b, c, d] = before;
  for (let step = 0; step < 64; step += 1) {
    const round = step >> 4;
    const [first = 0, stride = 0] = walks[round] ?? [];
    const word = block[(first + stride * step) & 15] ?? 0;
    const sum = (a + mix(round, b, c, d) + word + (sines[step] ?? 0)) | 0;
    const turn = turns[round]?.[step & 3] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
  }
  return [(before[0] + a) | 0, (before[1] + b) | 0, (before[2] + c) | 0, (before[3] + d) | 0];
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function hexOf(word: number): string {
  return [0, 8, 16, 24].map((shift) => ((word >>> shift) & 255).toString(16).padStart(2, "0")).join("");
}
