/** A tar archive in memory (POSIX.1-1988 ustar): all files of all guests go into the sandbox as one stream. */

export interface TarEntry {
  /** Relative path; directories are made by tar itself. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Owner and group names as the image knows them. */
  readonly user: string;
  readonly group: string;
}

const blockSize = 512;

/** Entries as a ustar archive. Throws on paths that its header cannot hold (100 + 155 bytes). */
export function packTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const body = Buffer.from(entry.text, "utf8");
    return [header(entry, body.length), body, Buffer.alloc(padding(body.length))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function padding(length: number): number {
  return (blockSize - (length % blockSize)) % blockSize;
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const { name, prefix } = splitPath(entry.path);
  block.write(name, 0, 100, "utf8");
  block.write(octal(entry.mode, 8), 100, "ascii");
  block.write(octal(0, 8), 108, "ascii");
  block.write(octal(0, 8), 116, "ascii");
  block.write(octal(size, 12), 124, "ascii");
  block.write(octal(0, 12), 136, "ascii");
  block.write(" ".repeat(8), 148, "ascii");
  block.write("0", 156, "ascii");
  block.write("ustar\u000000", 257, "ascii");
  block.write(entry.user, 265, 31, "ascii");
  block.write(entry.group, 297, 31, "ascii");
  block.write(prefix, 345, 155, "utf8");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  const cut = path.indexOf("/", path.length - 101);
  const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
  if (cut < 0 || Buffer.byteLength(prefix) > 155 || Buffer.byteLength(name) > 100) {
    throw new RangeError(`path too long for a tar header: ${path}`);
  }
  return { name, prefix };
}
