import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { fakeExec } from "../fakes/exec.ts";
import { makeProgram, type Program } from "./program.ts";

const programs: Program[] = [];
afterEach(() => programs.splice(0).forEach((made) => made.remove()));

function program(): Program {
  const exec = fakeExec((argv) => {
    if (argv[1] === "info") return { stdout: '{"virtual-size": 600}' };
    copyFileSync(argv.at(-2) ?? "", argv.at(-1) ?? "");
    return {};
  });
  const made = makeProgram({}, exec);
  programs.push(made);
  const disk = Buffer.alloc(600);
  disk.writeUInt16LE(0xaa55, 510);
  writeFileSync(join(made.cwd, "cumulus.img"), disk);
  return made;
}

const vm = ["--hypervisor", "vm-bhyve"];

describe("lab image on vm-bhyve", () => {
  it("lists what is there, and the command for what is not", async () => {
    const { lab } = program();
    const { code, stdout } = await lab("image", "list", ...vm);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("../golden/cli/image-list.txt");
    const rows = JSON.parse((await lab("image", "list", "--json", ...vm)).stdout) as object[];
    expect(rows[3]).toMatchObject({
      name: "cumulus-vx",
      record: null,
      get: ["lab image import FILE --kind cumulus-vx"],
    });
  });

  it("imports a file, lists and verifies it, and says what has changed", async () => {
    const { lab, cwd } = program();
    const imported = await lab("image", "import", "cumulus.img", "--kind", "cumulus-vx", "--plain");
    const path = join(cwd, "cache", "vm-bhyve", "cumulus-vx.raw");
    expect(imported).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(imported.stderr).toContain("cumulus-vx: it has no EFI system partition");
    expect((await lab("image", "list", ...vm)).stdout).toMatch(/^cumulus-vx +cumulus-vx +0\.0 GiB +1970-01-01 +\//m);
    expect(await lab("image", "verify", "--kind", "cumulus-vx")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^cumulus-vx +good +[0-9a-f]{16}$/m) as string,
    });
    writeFileSync(path, Buffer.alloc(600));
    const { code, stdout, stderr } = await lab("image", "verify", "--json");
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      expect.arrayContaining([{ image: "debian-frr", status: "absent" }]),
    ]);
    expect(stdout).toContain('"status":"changed"');
    expect(stderr).toContain("reading cumulus-vx");
  });

  it.runIf(process.platform === "linux")("says where an image is made that cannot be made here", async () => {
    const { code, stderr } = await program().lab("image", "build", ...vm, "--kind", "freebsd-server");
    expect(code).toBe(3);
    expect(stderr).toContain("freebsd-server is built on FreeBSD, as root");
    expect(stderr).toContain(
      "on FreeBSD, as root: lab image build --kind freebsd-server, then here: lab image import freebsd-server.raw --kind",
    );
  });

  it.each([
    ["import without a file", ["import", "--kind", "cumulus-vx"], "needs a file"],
    ["import without a kind", ["import", "cumulus.img"], "--kind debian-frr|"],
    [
      "build of what the user brings",
      ["build", ...vm, "--kind", "cumulus-vx5"],
      "lab image import FILE --kind cumulus-vx5",
    ],
    ["import on netns", ["import", "cumulus.img", "--kind", "cumulus-vx", "--hypervisor", "netns"], "is for vm-bhyve"],
    ["verify on netns", ["verify", "--hypervisor", "netns"], "is for vm-bhyve"],
  ])("%s is wrong usage", async (_, words, message) => {
    const { code, stderr } = await program().lab("image", ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("  → ");
  });
});
