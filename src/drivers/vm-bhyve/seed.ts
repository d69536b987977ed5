/** What makes a guest ours at its first boot: its seed for cloud-init and nuageinit, or a visit to its serial console. */
import { createHash } from "node:crypto";
import type { GuestOs } from "../../kinds/kind.ts";
import type { RenderedFile } from "../../plan/model.ts";
import type { Act, Wave } from "../driver.ts";
import { hasSeed } from "./conf.ts";
import { consoleArgv } from "./console.ts";
import { isOurGuest, type Machine } from "./guests.ts";
import { placeOf } from "./place.ts";
import type { Timing } from "./timing.ts";

/** The commands that decode standard input in each system's base. */
const decoders: Partial<Record<GuestOs, string>> = { debian: "base64 -d", freebsd: "b64decode -r" };

/**
 * A script that is a YAML document as well: one plain scalar. nuageinit(7) parses whatever it gets before it looks at its
 * first two bytes, and ends at what it cannot read.
 */
export function packScript(os: GuestOs, text: string): string {
  const lines =
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  const file = "/root/lab-first-boot";
  return [
    "#!/bin/sh",
    `umask 077 && ${decoders[os] ?? "base64 -d"} >${file} <<'END' && umask 022 && sh ${file}`,
    ...lines,
    "END",
    `rm -f ${file}`,
    "",
  ].join("\n");
}

/**
 * In one go, as it holds the host key: a directory that only root may enter, since `vm` makes the CD of it for all to read.
 * A guest that had another instance-id runs the script again. The CD is made where there is none.
 */
const script = [
  'set -e; umask 077; chmod 700 "$1"; mkdir -p "$1/.cloud-init"; cd "$1/.cloud-init"',
  'cat >user-data.new; mv user-data.new user-data; printf "instance-id: %s\\n" "$2" >meta-data; rm -f ../seed.iso',
].join("; ");

export function writeSeeds(owner: string, machines: readonly Machine[], seeds: readonly RenderedFile[]): Wave {
  return machines
    .filter(({ node }) => hasSeed(node.guest.os))
    .map(({ name, node }): Act => {
      const text = scriptOf(node.name, seeds);
      const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
      return {
        does: `write the seed of ${name}`,
        argv: ["sh", "-c", script, "sh", placeOf(name).directory, `lab-${id}`],
        input: packScript(node.guest.os, text),
        shown: text,
        needs: [isOurGuest(owner, name)],
        timeoutMs: 10_000,
      };
    });
}

/** The first login of guests that know no seed; until it is done they do not count as running. */
export function visitConsoles(
  owner: string,
  machines: readonly Machine[],
  seeds: readonly RenderedFile[],
  timing: Timing,
): Wave[] {
  const visited = machines.filter(({ node }) => node.guest.os === "cumulus");
  const visit = ({ name, node }: Machine): Act => ({
    does: `log in to ${name} for the first time`,
    argv: consoleArgv(name),
    console: {
      user: "cumulus",
      password: "cumulus",
      script: scriptOf(node.name, seeds),
      hint: `vm console ${name}; lab down, then lab up begins anew`,
    },
    needs: [isOurGuest(owner, name)],
    timeoutMs: timing.loginMs,
  });
  const mark = ({ name }: Machine): Act => ({
    does: `note that ${name} is ours`,
    argv: ["touch", placeOf(name).visited],
    needs: [isOurGuest(owner, name)],
    timeoutMs: 10_000,
  });
  return [visited.map(visit), visited.map(mark)];
}

function scriptOf(node: string, seeds: readonly RenderedFile[]): string {
  return seeds.find((seed) => seed.node === node)?.text ?? "";
}
