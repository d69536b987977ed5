/** Hypervisors that are other machines: one connection to each, however many drivers of a run want it. */
import { homedir } from "node:os";
import type { RemoteHost } from "../remote/hypervisor/host.ts";
import type { HostUrl } from "../remote/hypervisor/url.ts";
import { systemClock } from "../system/clock.ts";
import { localExec } from "../system/exec.ts";

export interface RemoteHosts {
  /** `owner` marks the lab there; `socket` is OpenSSH's for its own connection. */
  open(url: HostUrl, owner: string, socket: string): Promise<RemoteHost>;
}

/** Longest socket path of FreeBSD is 103 characters, of which OpenSSH wants 17 while it makes one. */
const longestSocket = 86;

export function remoteHosts(env: NodeJS.ProcessEnv, onNews: (news: string) => void): RemoteHosts {
  const known = new Map<string, RemoteHost>();
  return {
    async open(url, owner, socket) {
      const key = `${owner} ${url.text}`;
      const { remoteHost } = await import("../remote/hypervisor/host.ts");
      const host =
        known.get(key) ??
        remoteHost({
          url,
          owner,
          exec: localExec,
          clock: systemClock,
          config: given(env["LAB_SSH_CONFIG"]),
          agent: given(env["SSH_AUTH_SOCK"]),
          home: homedir(),
          socket: socket.length <= longestSocket ? socket : undefined,
          onNews,
        });
      known.set(key, host);
      return host;
    },
  };
}

/** An empty variable is none. */
function given(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
