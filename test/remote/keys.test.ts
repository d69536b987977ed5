import { describe, expect, it } from "vitest";
import { isReadable, makeKeyPair } from "../../src/remote/keys.ts";

describe("keys", () => {
  it("are readable, every one of them", () => {
    // One in 256 of the library's own keys is not: 1,000 without a failure are no luck.
    const unreadable = Array.from({ length: 1000 }, makeKeyPair).filter((pair) => !isReadable(pair.private));
    expect(unreadable).toEqual([]);
  });

  it("have a public half as authorized_keys wants it", () => {
    expect(makeKeyPair().public).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]+=*$/);
  });

  it("are told from what is no key", () => {
    expect(isReadable("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")).toBe(false);
  });
});
