/** What a guest finds when it boots for the first time: its own files, its host key and the key that may log in. */
import { daemonsOf } from "../plan/daemons.ts";
import type { Node, Plan, RenderedFile } from "../plan/model.ts";
import { renderFirstBoot } from "../render/first-boot.ts";
import { renderBoot } from "../render/iproute.ts";
import type { LabKeys } from "./keys.ts";

/**
 * First-boot files of all guests: the rendered ones of stage `boot`, and what only a new guest gets. A virtual machine has
 * one file, the script that writes them there.
 */
export function seedFiles(plan: Plan, files: readonly RenderedFile[], keys: LabKeys): RenderedFile[] {
  return plan.hypervisor === "netns" ? rootFiles(plan, files, keys) : scripts(plan, files, keys);
}

function scripts(plan: Plan, files: readonly RenderedFile[], keys: LabKeys): RenderedFile[] {
  const guests = plan.nodes.filter((node) => node.guest.os !== "host");
  return guests.map((node) => {
    const boot = files.filter((file) => file.node === node.name && file.stage === "boot");
    const text = renderFirstBoot(node, [...boot, ...ownSeeds(node, keys)]);
    return seed(node, "first-boot", text, 0o600);
  });
}

function rootFiles(plan: Plan, files: readonly RenderedFile[], keys: LabKeys): RenderedFile[] {
  const batches = new Map(renderBoot(plan).map((boot) => [boot.node, boot.ipBatch]));
  const guests = plan.nodes.filter((node) => node.guest.os !== "host");
  return [
    ...files.filter((file) => file.stage === "boot"),
    ...guests.flatMap((node) => guestSeeds(node, batches.get(node.name) ?? "", keys)),
  ];
}

/** The `ip -batch` text of the client that is the hypervisor itself; empty if the lab has none. */
export function hostBatch(plan: Plan): string {
  const host = plan.nodes.find((node) => node.guest.os === "host");
  return renderBoot(plan).find((boot) => boot.node === host?.name)?.ipBatch ?? "";
}

function guestSeeds(node: Node, batch: string, keys: LabKeys): RenderedFile[] {
  const leased = leasedPort(node);
  return [
    seed(node, "/etc/lab/boot.batch", batch),
    ...ownSeeds(node, keys),
    ...(leased === undefined ? [] : [seed(node, "/etc/lab/dhcp", `${leased.name}\n`)]),
    ...(node.bgp === undefined ? [] : routerSeeds(node)),
  ];
}

/** A node with a lease gets its name with it, as the article's servers do. */
function ownSeeds(node: Node, keys: LabKeys): RenderedFile[] {
  return [
    seed(node, "/root/.ssh/authorized_keys", `${keys.identity.public}\n`, 0o600),
    seed(node, "/etc/ssh/ssh_host_ed25519_key", keys.hosts.get(node.name)?.private ?? "", 0o600),
    ...(leasedPort(node) === undefined ? [seed(node, "/etc/hostname", `${node.name}\n`)] : []),
  ];
}

function leasedPort({ interfaces }: Node): Node["interfaces"][number] | undefined {
  return interfaces.find((port) => port.dhcp !== undefined);
}

function routerSeeds(node: Node): RenderedFile[] {
  const neighbors = node.bgp?.neighbors ?? [];
  const unnumbered = neighbors.filter(({ address }) => address === undefined).map((neighbor) => neighbor.interface);
  return [
    seed(node, "/etc/lab/daemons", `${daemonsOf(node).join(" ")}\n`),
    ...(unnumbered.length === 0 ? [] : [seed(node, "/etc/lab/unnumbered", `${unnumbered.join("\n")}\n`)]),
  ];
}

function seed(node: Node, path: string, text: string, mode = 0o644): RenderedFile {
  const owner = node.guest.os === "freebsd" ? "root:wheel" : "root:root";
  return { node: node.name, path, text, mode, owner, stage: "boot", applies: "nothing" };
}
