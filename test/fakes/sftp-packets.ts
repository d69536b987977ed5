import type { SFTPWrapper } from "ssh2";

/** What an extended request carries: strings, each after its length. */
export function readStrings(data: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let start = 0; start < data.length;) {
    const end = start + 4 + data.readUInt32BE(start);
    strings.push(data.subarray(start + 4, end));
    start = end;
  }
  return strings;
}

/** ssh2's server cannot say what it extends: its first packet, the version, is replaced on its way out. */
export function announceExtensions(sftp: SFTPWrapper): void {
  const inside = sftp as unknown as Record<typeof key, { channelData: (channel: number, packet: Buffer) => void }>;
  const protocol = inside[key];
  const words = ["posix-rename@openssh.com", "1", "fsync@openssh.com", "1"];
  const strings = words.flatMap((word) => [Buffer.from([0, 0, 0, word.length]), Buffer.from(word)]);
  const body = Buffer.concat([Buffer.from([2, 0, 0, 0, 3]), ...strings]);
  inside[key] = {
    channelData(channel) {
      inside[key] = protocol;
      protocol.channelData(channel, Buffer.concat([Buffer.from([0, 0, 0, body.length]), body]));
    },
  };
}

/** Where ssh2 1.17 keeps what sends packets. */
const key = "_protocol";
