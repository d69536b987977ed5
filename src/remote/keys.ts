/** Keys of one lab: made by us for its nodes, so that nobody has to trust a key on first use. */
import ssh2 from "ssh2";

export interface KeyPair {
  /** OpenSSH private key. */
  readonly private: string;
  /** As in authorized_keys and known_hosts: `ssh-ed25519 AAAA…`. */
  readonly public: string;
}

export function makeKeyPair(): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync("ed25519");
  return { private: pair.private, public: pair.public.trim() };
}
