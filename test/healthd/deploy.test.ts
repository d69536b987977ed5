import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { configFolder, deployedFiles, type Supervision } from "../../src/healthd/deploy.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const all: readonly Supervision[] = ["systemd", "rc", "plain"];

describe.each(all)("what is deployed for %s", (supervision) => {
  const files = deployedFiles(["main.js", "machine/step.js"], supervision);

  test("is in the package, and no two files have one place", () => {
    const own = files.filter(({ built }) => !built);
    expect(own.filter(({ from }) => !existsSync(`${root}/${from}`))).toEqual([]);
    expect(new Set(files.map(({ to }) => to)).size).toBe(files.length);
  });

  test("is where its parts look for it", () => {
    const places = new Map(files.map(({ to, mode }) => [to, mode.toString(8)]));
    expect(places.get("/usr/local/libexec/healthd/main.js")).toBe("644");
    expect(places.get("/usr/local/libexec/healthd/machine/step.js")).toBe("644");
    expect(places.get("/usr/local/libexec/healthd/actuator")).toBe("755");
    expect(places.has(`/usr/local/libexec/healthd/${supervision === "rc" ? "freebsd" : "linux"}.sh`)).toBe(true);
    expect(places.get("/usr/local/libexec/healthd/package.json")).toBe("644");
  });
});

test("every file of the folder is deployed somewhere", () => {
  const deployed = new Set(all.flatMap((supervision) => deployedFiles([], supervision).map(({ from }) => from)));
  expect(readdirSync(`${root}/images/healthd`).filter((name) => !deployed.has(`images/healthd/${name}`))).toEqual([]);
});

test("FreeBSD's configuration is below /usr/local", () => {
  expect(all.map(configFolder)).toEqual(["/etc/healthd", "/usr/local/etc/healthd", "/etc/healthd"]);
});
