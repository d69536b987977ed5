/** Keys of one lab: made by us for its nodes, so that nobody has to trust a key on first use. */
import ssh2 from "ssh2";

export interface KeyPair {
  /** OpenSSH private key. */
  readonly private: string;
  /** As in authorized_keys and known_hosts: `ssh-ed25519 AAAA…`. */
  readonly public: string;
}

/** Makes an Ed25519 key pair that OpenSSH and ssh2 both can read. */
export function makeKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    // ssh2 1.17 drops a leading zero byte of a key, so about one in 256 of its keys cannot be read by anybody.
    if (isReadable(pair.private)) return { private: pair.private, public: pair.public.trim() };
  }
}

/** Whether a stored private key is one; a draft of another program's or version's making may not be. */
export function isReadable(privateKey: string): boolean {
  return !(ssh2.utils.parseKey(privateKey) instanceof Error);
}
