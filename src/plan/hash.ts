/** Numbers that look random but are the same on every machine: seeds, MACs and short names all start here. */

/**
 * A well-mixed unsigned 32-bit hash of ASCII text: FNV-1a, then MurmurHash3's finaliser, since plain FNV leaves names
 * that differ in one digit close together.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The first value of `derive(text)`, `derive(text#1)`, `derive(text#2)` … that is not taken yet; takes it. The loop ends
 * because every caller's range is far larger than the largest lab.
 */
export function takeFree<Value>(taken: Set<Value>, text: string, derive: (text: string) => Value): Value {
  let value = derive(text);
  for (let round = 1; taken.has(value); round += 1) value = derive(`${text}#${round}`);
  taken.add(value);
  return value;
}
