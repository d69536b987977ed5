/**
 * Files of one node, pushed and applied: the same for a first boot and for a change. Candidates are checked by the node's
 * own tools before they take their place; what runs is reloaded, never restarted, unless the daemon knows no reload.
 */
import type { Argv, DhcpControl, Guest, WebControl } from "../kinds/kind.ts";
import type { Node, RenderedFile } from "../plan/model.ts";
import { pushFiles, type PushFile } from "../remote/push.ts";
import { listRemote, readRemote } from "../remote/sftp.ts";
import type { Session } from "../remote/ssh.ts";

export interface Applied {
  readonly node: Node;
  readonly session: Session;
  /** Paths that were written. */
  readonly written: readonly string[];
  /** FRR does not run yet: it is started together with all others. */
  readonly startsFrr: boolean;
}

export async function applyFiles(node: Node, session: Session, files: readonly RenderedFile[]): Promise<Applied> {
  const { guest } = node;
  const written = await pushFiles(
    session,
    files.map((file) => withCheck(guest, file)),
  );
  if (files.some((file) => isFragment(guest, file.path))) written.push(...(await assembleFrr(guest, session)));

  const applying = new Applying(session, files, written);
  if (applying.changed("interfaces") && guest.interfaces) await session.run(guest.interfaces.apply);
  if (applying.has("dhcp") && guest.dhcp) await applying.dhcp(guest.dhcp);
  if (applying.has("web") && guest.web) await applying.web(guest.web);
  const startsFrr = await applyFrr(guest, session, files, written);
  return { node, session, written, startsFrr };
}

/** What the files that were written mean for the daemons of one node. */
class Applying {
  readonly #session: Session;
  readonly #files: readonly RenderedFile[];
  readonly #written: readonly string[];

  constructor(session: Session, files: readonly RenderedFile[], written: readonly string[]) {
    this.#session = session;
    this.#files = files;
    this.#written = written;
  }

  has(what: RenderedFile["applies"]): boolean {
    return this.#files.some((file) => file.applies === what);
  }

  changed(what: RenderedFile["applies"]): boolean {
    return this.#files.some((file) => file.applies === what && this.#written.includes(file.path));
  }

  async dhcp(control: DhcpControl): Promise<void> {
    if (this.changed("dhcp") || !(await holds(this.#session, control.running))) {
      await this.#session.run(control.restart);
    }
  }

  async web(control: WebControl): Promise<void> {
    if (!(await holds(this.#session, control.running))) await this.#session.run(control.start);
    else if (this.changed("web")) await this.#session.run(control.reload);
  }
}

/** Reloads a running FRR whose configuration changed; says whether it still has to be started. */
async function applyFrr(
  guest: Guest,
  session: Session,
  files: readonly RenderedFile[],
  written: readonly string[],
): Promise<boolean> {
  if (guest.frr === undefined || !files.some((file) => file.applies === "frr")) return false;
  if (!(await holds(session, guest.frr.running))) return true;
  if (written.includes(frrConf(guest))) await session.run(guest.frr.reload);
  return false;
}

/**
 * Starts FRR on many nodes in waves: every zebra listens before the first bgpd solicits a neighbour, so that no router
 * advertisement is lost and no session waits for its next try.
 */
export async function startFrr(
  nodes: readonly Applied[],
  together: (nodes: readonly Applied[], work: (node: Applied) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const starting = nodes.filter((applied) => applied.startsFrr);
  const waves = starting.map((applied) => applied.node.guest.frr?.startWaves.length ?? 0);
  for (let wave = 0; wave < Math.max(0, ...waves); wave += 1) {
    await together(starting, async ({ node, session }) => {
      const command = node.guest.frr?.startWaves[wave];
      if (command !== undefined) await session.run(command);
    });
  }
}

/** `frr.conf` of a guest that composes it: the fragments in order, ours and the playbook's. */
async function assembleFrr(guest: Guest, session: Session): Promise<string[]> {
  const directory = fragmentDirectory(guest);
  const sftp = await session.sftp();
  const names = (await listRemote(sftp, directory)).filter((name) => name.endsWith(".conf"));
  const parts = await Promise.all(names.map((name) => readRemote(sftp, `${directory}/${name}`)));
  const text = parts.map((part) => part?.text ?? "").join("");
  const file: PushFile = { path: frrConf(guest), text, mode: 0o640, owner: "frr:frr", ...checkOf(guest.frr?.check) };
  return pushFiles(session, [file]);
}

function withCheck(guest: Guest, file: RenderedFile): PushFile {
  const checks = new Map<string | undefined, Argv | undefined>([
    [guest.interfaces?.path, guest.interfaces?.check],
    [guest.frr && frrConf(guest), guest.frr?.check],
    [guest.web?.conf, guest.web?.check],
  ]);
  return { ...file, ...checkOf(file.applies === "dhcp" ? guest.dhcp?.check : checks.get(file.path)) };
}

function checkOf(check: Argv | undefined): { readonly check?: Argv } {
  return check === undefined ? {} : { check };
}

function frrConf(guest: Guest): string {
  return `${guest.frr?.directory ?? ""}/frr.conf`;
}

function fragmentDirectory(guest: Guest): string {
  return `${guest.frr?.directory ?? ""}/lab.d`;
}

function isFragment(guest: Guest, path: string): boolean {
  return path.startsWith(`${fragmentDirectory(guest)}/`);
}

async function holds(session: Session, argv: Argv): Promise<boolean> {
  return (await session.try(argv)).exitCode === 0;
}
