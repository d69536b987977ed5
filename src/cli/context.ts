/** The composition root: builds exec, clock, drivers and paths once. The only reader of the environment. */
import { homedir } from "node:os";
import { setMaxListeners } from "node:events";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "@stricli/core";
import type { Driver } from "../drivers/driver.ts";
import type { EmbeddedImages } from "../drivers/netns/images.ts";
import type { World } from "../flow/lab.ts";
import { makeNews } from "../flow/news.ts";
import type { State } from "../flow/state.ts";
import type { Hypervisor } from "../kinds/kind.ts";
import type { HostUrl } from "../remote/hypervisor/url.ts";
import { systemClock } from "../system/clock.ts";
import { localExec } from "../system/exec.ts";
import { makeDirectory } from "../system/files.ts";
import { type RemoteHosts, remoteHosts } from "./remote.ts";

/** What a command gets to know of the outside. Tests hand in another one. */
export interface AppContext extends CommandContext {
  readonly process: Pick<NodeJS.Process, "stdout" | "stderr" | "env"> & { exitCode?: number | string | null };
  readonly cwd: string;
  /** Where the program's own topologies, playbooks and images are. */
  readonly home: string;
  readonly world: World;
  /** Where downloads and images are kept. */
  readonly cache: string;
  /** Not root: images are made in a namespace of this user's own. */
  readonly unprivileged: boolean;
  /** The images of embedded guests. */
  readonly images: () => Promise<EmbeddedImages>;
  /** Exit code of the command that ran; undefined if the arguments were wrong. */
  exitCode: number | undefined;
}

export function buildContext(signal: AbortSignal): AppContext {
  const { env } = process;
  const home = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  return {
    // The parser sets the exit code and never reads it, so an absent one does not matter.
    process: process as AppContext["process"],
    cwd: process.cwd(),
    home,
    ...buildWorld(home, env, signal),
    exitCode: undefined,
  };
}

/** The same world under another signal: what the clean-up after a Ctrl-C runs in. */
export function withSignal(world: World, signal: AbortSignal): World {
  // Every wait of every node listens for it.
  setMaxListeners(0, signal);
  return { ...world, signal };
}

function buildWorld(
  home: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Pick<AppContext, "world" | "cache" | "unprivileged" | "images"> {
  const stateRoot = directoryOf(env, "LAB_STATE_DIR", "XDG_STATE_HOME", ".local/state");
  const cache = directoryOf(env, "LAB_CACHE_DIR", "XDG_CACHE_HOME", ".cache");
  const unprivileged = process.getuid?.() !== 0;
  const images = async () => {
    const { embeddedImages } = await import("../drivers/netns/images.ts");
    const assets = join(home, "images", "embedded");
    return embeddedImages({ exec: localExec, clock: systemClock, cache, unprivileged, signal, assets });
  };
  const news = makeNews((text) => process.stderr.write(`${text}\n`));
  const remote = remoteHosts(env, (text) => news.tell(text));
  const world: World = {
    exec: localExec,
    clock: systemClock,
    stateRoot,
    playbooks: join(home, "playbooks"),
    signal,
    news,
    async driverOf(hypervisor: Hypervisor, state: State, host?: HostUrl) {
      if (hypervisor === "vm-bhyve") return openVmBhyve(state, !unprivileged, cache, host && { host, remote });
      const { netnsDriver } = await import("../drivers/netns/driver.ts");
      const assets = join(home, "images", "embedded");
      await makeDirectory(stateRoot);
      return netnsDriver({
        exec: localExec,
        clock: systemClock,
        assets,
        image: (await images()).image.root,
        mountPoint: state.mountPoint,
        mark: `lab-sandbox:${state.directory}`,
        log: join(state.logs, "sandbox.log"),
        unprivileged,
        path: env["PATH"] ?? "",
      });
    },
    async ensureImages(onProgress) {
      await (await images()).build(onProgress);
    },
  };
  return { world, cache, unprivileged, images };
}

/** Absolute, since it is a mark that a lab is found by from any folder. An empty variable is none (XDG base directories). */
function directoryOf(env: NodeJS.ProcessEnv, ours: string, base: string, home: string): string {
  const given = env[ours];
  if (given !== undefined && given !== "") return resolve(given);
  const parent = env[base];
  return resolve(parent === undefined || parent === "" ? join(homedir(), home) : parent, "lab");
}

/** On the hypervisor itself, or from another machine. */
async function openVmBhyve(
  state: State,
  isRoot: boolean,
  cache: string,
  away: { readonly host: HostUrl; readonly remote: RemoteHosts } | undefined,
): Promise<Driver> {
  const [{ vmBhyveDriver }, { localHost }, { ownerOf }, { openImageCache }] = await Promise.all([
    import("../drivers/vm-bhyve/driver.ts"),
    import("../drivers/vm-bhyve/host.ts"),
    import("../drivers/vm-bhyve/conf.ts"),
    import("../drivers/vm-bhyve/images/cache.ts"),
  ]);
  const owner = ownerOf(basename(state.directory), state.directory);
  const host =
    away === undefined
      ? localHost({ exec: localExec, isRoot })
      : await away.remote.open(away.host, owner, join(state.sockets, "hv"));
  return vmBhyveDriver({ host, clock: systemClock, owner, images: openImageCache(cache, systemClock) });
}
