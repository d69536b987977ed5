import { describe, expect, test } from "vitest";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import { cumulusVx5 } from "../../src/kinds/cumulus-vx5.ts";
import type { Plan, RenderedFile } from "../../src/plan/model.ts";
import { renderFiles } from "../../src/render/files.ts";
import { renderInventory } from "../../src/render/inventory.ts";
import { renderBoot } from "../../src/render/iproute.ts";
import { renderSshConfig } from "../../src/render/ssh-config.ts";
import { anycast, anycastDense, duo, onBhyve, onNetns, withLeaves } from "./topologies.ts";

const plans = [duo, anycast, anycastDense].flatMap((topology) => [onNetns(topology), onBhyve(topology)]);

describe.each(plans)("the files of $lab on $hypervisor", (plan) => {
  const golden = (name: string) => `../golden/${plan.lab}/${plan.hypervisor}/${name}`;
  const files = renderFiles(plan);

  const nodes = plan.nodes.filter(({ guest }) => guest.os !== "host" || plan.hypervisor === "netns");

  test.each(nodes.map(({ name }) => name))("are as reviewed on %s", async (name) => {
    const boot = plan.hypervisor === "netns" ? bootOf(plan, name) : "";
    const own = files.filter(({ node }) => node === name).map(withHeader);
    await expect([...own, boot].join("")).toMatchFileSnapshot(golden(`${name}.txt`));
  });

  test("include an inventory", async () => {
    await expect(renderInventory(plan, { sshConfig: "/state/ssh_config" })).toMatchFileSnapshot(
      golden("inventory.yaml"),
    );
  });

  test("include an ssh_config", async () => {
    const text = renderSshConfig(plan, {
      knownHosts: "/state/known_hosts",
      identity: "/state/id_ed25519",
      controlDirectory: "/state/ssh",
      proxyCommand: ({ reach }) => (reach.via === "in-band" ? "lab-proxy %h %p" : undefined),
    });
    await expect(text).toMatchFileSnapshot(golden("ssh_config"));
  });
});

describe.each([cumulusVx, cumulusVx5])("leaves of kind $name", (kind) => {
  const plan = onBhyve(withLeaves(duo, kind));
  const golden = (name: string) => `../golden/duo/vm-bhyve-${kind.name}/${name}`;

  test("have an inventory of their own", async () => {
    await expect(renderInventory(plan, { sshConfig: "/state/ssh_config" })).toMatchFileSnapshot(
      golden("inventory.yaml"),
    );
  });

  test("have files as reviewed", async () => {
    const files = renderFiles(plan).filter(({ node }) => node === "leaf01");
    await expect(files.map(withHeader).join("")).toMatchFileSnapshot(golden("leaf01.txt"));
  });
});

function withHeader({ path, mode, owner, stage, applies, text }: RenderedFile): string {
  return `### ${path} 0${mode.toString(8)} ${owner} ${stage} applies ${applies}\n${text}\n`;
}

function bootOf(plan: Plan, name: string): string {
  return `### ip -batch\n${renderBoot(plan).find(({ node }) => node === name)?.ipBatch ?? ""}`;
}
