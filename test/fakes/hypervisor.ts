import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { remoteHost, type RemoteHost, type RemoteHostOptions } from "../../src/remote/hypervisor/host.ts";
import { parseHostUrl } from "../../src/remote/hypervisor/url.ts";
import { fakeClock } from "./clock.ts";
import { fakeExec, type Reply } from "./exec.ts";
import { makePlace } from "./place.ts";
import { type FakeNode, fakeNode, type FakeNodeOptions, hostKey, identity } from "./ssh-server.ts";

export interface FakeHypervisor {
  readonly node: FakeNode;
  readonly host: RemoteHost;
  /** What was told of the connection. */
  readonly news: string[];
}

export interface FakeHypervisorOptions extends FakeNodeOptions {
  readonly remote?: Partial<RemoteHostOptions>;
  /** Lines of its known_hosts, as ssh-keygen finds them. */
  readonly known?: string;
  readonly login?: string;
}

/** A hypervisor behind ssh2's own server, whose key is known and which lets root in. */
export function fakeHypervisor(options: FakeHypervisorOptions = {}): FakeHypervisor {
  const { remote, known = `hv ${hostKey.public}`, login = "root", ...others } = options;
  const node = fakeNode({ name: "hv", lasting: true, ...others });
  const key = join(makePlace(), "key");
  writeFileSync(key, identity.private);
  const news: string[] = [];
  const host = remoteHost({
    url: parseHostUrl(`ssh://${login}@hv`),
    exec: openSsh({ user: login, key, known }),
    clock: fakeClock(),
    config: undefined,
    agent: undefined,
    home: "/nowhere",
    owner: "duo-0123abcd",
    openStream: () => node.target.openStream(),
    onNews: (text) => news.push(text),
    ...remote,
  });
  return { node, host, news };
}

/** OpenSSH's own tools: how one logs in, and which keys are known. */
export function openSsh({ user = "root", key = "", known = "" }) {
  return fakeExec((argv): Reply | undefined => {
    if (argv[0] === "ssh") {
      const lines = [`user ${user}`, "hostname hv", "port 22", `identityfile ${key}`, "userknownhostsfile /known"];
      return { stdout: `${lines.join("\n")}\n` };
    }
    if (argv[0] !== "ssh-keygen") return undefined;
    return known === "" ? { exitCode: 1 } : { stdout: `# Host hv found: line 1\n${known}\n` };
  });
}
