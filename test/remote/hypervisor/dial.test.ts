import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLogin } from "../../../src/remote/hypervisor/login.ts";
import { parseHostUrl } from "../../../src/remote/hypervisor/url.ts";
import { makeKeyPair } from "../../../src/remote/keys.ts";
import { fakeExec } from "../../fakes/exec.ts";
import { fakeHypervisor, openSsh } from "../../fakes/hypervisor.ts";
import { makePlace } from "../../fakes/place.ts";
import { hostKey } from "../../fakes/ssh-server.ts";

const refused = (known: string) => {
  const { host, node } = fakeHypervisor({ known });
  return { attempt: host.run(["true"]), node };
};

describe("the host key of a hypervisor", () => {
  it("that nobody knows is refused, with its fingerprint and the way to make it known; nobody logs in", async () => {
    const { attempt, node } = refused("");
    await expect(attempt).rejects.toMatchObject({
      code: "E_HOST_KEY_UNKNOWN",
      exitCode: 3,
      message: expect.stringMatching(
        /ssh:\/\/root@hv: its host key SHA256:\S{43} is in none of your known_hosts/,
      ) as string,
      hint: expect.stringMatching(/ssh -l root hv once.*ssh-keyscan/) as string,
    });
    expect({ logins: node.logins, connections: node.connections }).toEqual({ logins: [], connections: 1 });
  });

  it("that is another one is refused, with where the old one is", async () => {
    const { attempt, node } = refused(`hv ${makeKeyPair().public}`);
    await expect(attempt).rejects.toMatchObject({
      code: "E_HOST_KEY",
      message: expect.stringContaining("is not the one in /known") as string,
      hint: expect.stringContaining("ssh-keygen -R 'hv'") as string,
    });
    expect(node.logins).toEqual([]);
  });

  it("that is revoked is refused", async () => {
    const { attempt } = refused(`@revoked hv ${hostKey.public}`);
    await expect(attempt).rejects.toMatchObject({
      code: "E_HOST_KEY",
      message: expect.stringContaining("revoked") as string,
    });
  });
});

describe("a login that is not let in", () => {
  it("is told what was tried, what could not be tried and what must work", async () => {
    const key = join(makePlace(), "locked");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", key]);
    const exec = openSsh({ key, known: `hv ${hostKey.public}` });
    const { host, node } = fakeHypervisor({ remote: { exec, agent: "/no/such/agent" } });
    await expect(host.run(["true"])).rejects.toMatchObject({
      code: "E_HYPERVISOR_LOGIN",
      exitCode: 3,
      message: `ssh://root@hv does not let root in: tried ssh-agent at /no/such/agent; ${key} wants a passphrase: ssh-add ${key}`,
      hint: expect.stringContaining("ssh -l root hv must work without a password") as string,
    });
    expect(node.connections).toBe(1);
  });

  it("has a key that is none, or may not be read", async () => {
    const key = join(makePlace(), "key");
    writeFileSync(key, "no key");
    const { host } = fakeHypervisor({ remote: { exec: openSsh({ key, known: `hv ${hostKey.public}` }) } });
    await expect(host.run(["true"])).rejects.toThrow("there was no key to try");
  });
});

describe("a hypervisor that does not answer", () => {
  it("is named with the reason, at once", async () => {
    const { host } = fakeHypervisor({ remote: { openStream: () => connect("/no/such/socket") } });
    await expect(host.run(["true"])).rejects.toMatchObject({
      code: "E_HYPERVISOR",
      exitCode: 3,
      message: expect.stringMatching(/^ssh:\/\/root@hv does not answer: .*ENOENT/) as string,
    });
  });

  it("is not waited for by a run that is interrupted", async () => {
    const { host } = fakeHypervisor();
    await expect(host.run(["true"], { signal: AbortSignal.abort() })).resolves.toMatchObject({
      failure: "was interrupted",
    });
  });
});

describe("a machine without OpenSSH", () => {
  it("is told what to install", async () => {
    const exec = fakeExec(() => ({ failure: "no such program on this machine" }));
    const missing = {
      ...exec,
      try: async (argv: readonly string[]) => ({ ...(await exec.try(argv)), exitCode: undefined }),
    };
    const { host } = fakeHypervisor({ remote: { exec: missing } });
    await expect(host.run(["true"])).rejects.toMatchObject({ code: "E_NO_OPENSSH", exitCode: 3 });
  });
});

describe("what ssh -G says", () => {
  it("becomes a login: names by port, files of known hosts, identities, the agent", () => {
    const text = [
      "user admin",
      "hostname hv.example.org",
      "port 2222",
      "identityfile ~/.ssh/id_ed25519",
      "identityfile none",
      "userknownhostsfile ~/.ssh/known_hosts /etc/other",
      "globalknownhostsfile none",
    ].join("\n");
    expect(readLogin(text, parseHostUrl("ssh://hv"), "/agent", "/home/me")).toEqual({
      host: "hv.example.org",
      port: 2222,
      user: "admin",
      names: ["[hv.example.org]:2222", "hv.example.org"],
      knownHosts: ["/home/me/.ssh/known_hosts", "/etc/other"],
      identities: ["/home/me/.ssh/id_ed25519"],
      agent: "/agent",
    });
    const other = readLogin(`${text}\nidentityagent none\nhostkeyalias hv1`, parseHostUrl("ssh://hv"), "/agent", "/");
    expect(other).toMatchObject({ agent: undefined, names: ["[hv1]:2222", "hv1"] });
  });
});

describe("a URL of a hypervisor", () => {
  it.each([
    ["ssh://root@hv", { user: "root", host: "hv", port: undefined, text: "ssh://root@hv" }],
    ["SSH://hv:22/", { user: undefined, host: "hv", port: 22, text: "ssh://hv:22" }],
    ["ssh://a.b-c@[2001:db8::1]:2222", { host: "2001:db8::1", port: 2222, text: "ssh://a.b-c@[2001:db8::1]:2222" }],
    ["ssh://192.0.2.1", { host: "192.0.2.1", text: "ssh://192.0.2.1" }],
  ])("%s is taken apart", (text, parts) => {
    expect(parseHostUrl(text)).toMatchObject(parts);
  });

  it.each([
    "ssh://a b",
    "ssh://hv%20x",
    "ssh://$(id)@hv",
    "ssh://hv;id",
    "ssh://hv?x",
    "ssh://hv#x",
    "ssh://u%0a@hv",
    "ssh://hv:0",
  ])("%s is none", (text) => {
    expect(() => parseHostUrl(text)).toThrow(SyntaxError);
  });
});
