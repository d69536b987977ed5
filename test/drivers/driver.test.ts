import { describe, expect, it } from "vitest";
import { formatAsks, readAnswers, throwUnlessDone } from "../../src/drivers/netns/ask.ts";
import { hostBatch } from "../../src/flow/seeds.ts";
import { stepsOf } from "../../src/plan/steps.ts";
import { actsOf, dryDriver } from "../fakes/netns.ts";
import { anycast, duo, nodeOf, onNetns } from "../render/topologies.ts";

const plan = onNetns(duo);
const driver = dryDriver();
const once = { attemptS: 1, retries: 0 };
const nothing = { plan, steps: [], ports: [], replugged: [], rerouted: false, seeds: [], hostBatch: "" };

/** A file of a node's first boot. */
const hostnameOf = (node: string) => ({
  node,
  path: "/etc/hostname",
  text: `${node}\n`,
  mode: 0o644,
  owner: "root:root",
  stage: "boot" as const,
  applies: "nothing" as const,
});

describe("building", () => {
  it("nothing is no act at all", () => {
    expect(driver.build(nothing)).toEqual([]);
    expect(driver.remove({ plan, steps: [], ports: [], routes: [] })).toEqual([]);
  });

  it("starts guests before their links, and lets them boot last", () => {
    const acts = actsOf(
      driver.build({ ...nothing, steps: stepsOf(plan), ports: [{ node: "leaf01", interface: "eth0" }] }),
    );
    expect(acts.map(({ does }) => does.replaceAll(/\d+/g, "N"))).toEqual([
      "start the sandbox",
      "write first-boot files",
      "start N guests",
      "plug in N port",
      "boot N guests",
    ]);
  });

  it("sets bridges and the hypervisor's own interface up with whatever is plugged in, should a killed run not have", () => {
    const reference = onNetns(anycast);
    const ports = [{ node: "leaf01", interface: "swp1" }];
    const [act] = actsOf(driver.build({ ...nothing, plan: reference, ports, hostBatch: hostBatch(reference) }));
    expect(act?.input).toContain("link set lan0 mtu 1500 up");
    expect(act?.input).toContain("address replace 192.168.10.20/24 dev lan0");
    expect(act?.input).not.toContain("link add name lan0");
  });

  it("applies the configuration of guests that stay to ports that are new devices", () => {
    const acts = actsOf(driver.build({ ...nothing, replugged: ["spine01", "leaf01"] }));
    expect(acts).toMatchObject([
      {
        argv: expect.arrayContaining(["/usr/libexec/lab/ask-all"]) as string[],
        input: "spine01\tifreload\t--all\nleaf01\tifreload\t--all\n",
      },
    ]);
  });

  it("gives files to the guests that are made, and to no others", () => {
    const steps = stepsOf(plan).filter((step) => step.kind === "guest" && step.node === "leaf01");
    const [act] = actsOf(driver.build({ ...nothing, steps, seeds: ["leaf01", "spine01"].map(hostnameOf) }));
    const archive = Buffer.from(act?.input ?? "").toString();
    expect(archive).toContain("leaf01/upper/etc/hostname");
    expect(archive).not.toContain("spine01");
  });
});

describe("a lab that does not run", () => {
  it("is observed as such, and needs `lab up` for everything else", async () => {
    expect(await driver.observe(plan)).toEqual({ running: false, guests: [], ports: [], segments: [] });
    const act = { does: "x", argv: ["true"] };
    await expect(driver.perform(act)).rejects.toMatchObject({ code: "E_NOT_RUNNING", hint: "lab up" });
    expect(() => driver.proxy(nodeOf(plan, "leaf01"), once)).toThrow("does not run");
    expect(await driver.destroy()).toEqual({ removed: { sandboxes: 0 }, left: [] });
  });

  it("has no way to the hypervisor but the hypervisor", () => {
    expect(driver.proxy(nodeOf(onNetns(anycast), "hypervisor"), once)).toBeUndefined();
  });
});

describe("asking many guests at once", () => {
  it("names each that did not do what it was told", () => {
    const answers = "\nlab-answer leaf01 0\ncannot\n\nlab-answer leaf02 1\n";
    expect(() => throwUnlessDone(["leaf01", "leaf02", "leaf03"], answers)).toThrow(
      "leaf02: exit code 1: cannot\nleaf03: it does not run",
    );
    expect(() => throwUnlessDone(["leaf01"], answers)).not.toThrow();
  });

  it("writes a line for each, and refuses words that a line cannot hold", () => {
    expect(formatAsks([{ node: "leaf01", argv: ["ip", "-j", "route show"] }])).toBe("leaf01\tip\t-j\troute show\n");
    for (const word of ["", "a\tb", "a\nb"])
      expect(() => formatAsks([{ node: "a", argv: [word] }])).toThrow(RangeError);
  });

  it("reads answers of any length and content, and leaves out what was cut off", () => {
    const output = "@@ leaf02 0 5\n é\n\nend leaf01 3\n\nend leaf02 0\nnobody ends this";
    expect([...readAnswers(output, "end")]).toEqual([
      ["leaf01", { exitCode: 3, stdout: "@@ leaf02 0 5\n é\n" }],
      ["leaf02", { exitCode: 0, stdout: "" }],
    ]);
    expect(readAnswers("", "end").size).toBe(0);
  });
});
