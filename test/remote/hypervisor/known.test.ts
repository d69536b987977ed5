import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { algorithmsFor, findKnownKeys, judgeKey, parseFound } from "../../../src/remote/hypervisor/known.ts";
import { makeKeyPair } from "../../../src/remote/keys.ts";
import { localExec } from "../../../src/system/exec.ts";
import { makePlace } from "../../fakes/place.ts";

const [one, other] = [makeKeyPair().public, makeKeyPair().public];
const bytes = (key: string) => Buffer.from(key.split(" ")[1] ?? "", "base64");
const hasKeygen = (await localExec.try(["ssh-keygen", "-F", "x", "-f", "/dev/null"])).exitCode !== undefined;

/** How a key stands to a file with these lines, their names hashed. */
async function standing(names: readonly string[], shown: string, ...lines: readonly string[]) {
  const file = join(makePlace(), "known_hosts");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  await localExec.run(["ssh-keygen", "-H", "-f", file]);
  const known = await findKnownKeys(localExec, ["/no/such/file", file], names);
  return judgeKey(bytes(shown), known);
}

describe("what ssh-keygen finds of a host", () => {
  it("is keys with their markers, whatever stands for the name", () => {
    const text = [
      "# Host hv found: line 1",
      `hv,192.0.2.1 ${one} a comment`,
      "# Host hv found: line 2 REVOKED",
      `@revoked |1|abc=|def= ${other}`,
      "# Host hv found: line 3 CA",
      `@cert-authority *.example ${other}`,
      "",
      "\u001b[31mnonsense",
    ].join("\n");
    expect(parseFound(text, "/k")).toEqual([
      { type: "ssh-ed25519", base64: one.split(" ")[1], revoked: false, file: "/k" },
      { type: "ssh-ed25519", base64: other.split(" ")[1], revoked: true, file: "/k" },
    ]);
  });

  it.each([
    ["the same key is known", "known", `hv ${one}`, one],
    ["of two keys either is known", "known", `hv ${one}\nhv ${other}`, other],
    ["another key has changed", "changed", `hv ${one}`, other],
    ["no key at all is unknown", "unknown", "", other],
    ["a revoked key is revoked, though it is there as well", "revoked", `@revoked hv ${one}\nhv ${one}`, one],
    ["a key that is not the revoked one is unknown", "unknown", `@revoked hv ${one}`, other],
    ["an authority's key is unknown", "unknown", `@cert-authority hv ${one}`, one],
  ])("decides: %s", (_, verdict, text, shown) => {
    expect(judgeKey(bytes(shown), { keys: parseFound(text, "/k"), loose: false })).toBe(verdict);
  });

  it("says which kind of key to ask for", () => {
    const keys = parseFound(`hv ${one}\nhv ssh-rsa AAAA\n@revoked hv ecdsa-sha2-nistp256 AAAA\nhv ssh-dss AAAA`, "/k");
    expect(algorithmsFor({ keys, loose: false })).toEqual(["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]);
    expect(algorithmsFor({ keys: [], loose: false })).toBeUndefined();
  });
});

describe.skipIf(!hasKeygen)("real known_hosts files", () => {
  it("may have hashed names, and ports", async () => {
    expect(await standing(["hv"], one, `hv ${one}`)).toBe("known");
    expect(await standing(["hv"], one, `hw ${one}`)).toBe("unknown");
    expect(await standing(["[hv]:2222", "hv"], one, `[hv]:2222 ${one}`)).toBe("known");
    expect(await standing(["[hv]:2222", "hv"], other, `[hv]:2222 ${one}`)).toBe("changed");
  });

  it("know a host on another port by its key alone: another key there is another machine's", async () => {
    expect(await standing(["[hv]:2222", "hv"], one, `hv ${one}`)).toBe("known");
    expect(await standing(["[hv]:2222", "hv"], other, `hv ${one}`)).toBe("unknown");
  });
});
