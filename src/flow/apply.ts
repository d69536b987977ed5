/**
 * Files of one node, pushed and applied: the same for a first boot and for a change. Candidates are checked by the node's
 * own tools before they take their place; what runs is reloaded, never restarted, unless the daemon knows no reload.
 */
import type { Argv, Guest } from "../kinds/kind.ts";
import type { Node, RenderedFile } from "../plan/model.ts";
import { type Checking, pushFiles, type PushFile, settleFiles } from "../remote/push.ts";
import type { Choice } from "../remote/quote.ts";
import { listRemote, readRemote, withSftp } from "../remote/sftp.ts";
import type { Session } from "../remote/ssh.ts";
import { withRecords } from "./shared-files.ts";

export interface Applied {
  readonly node: Node;
  readonly session: Session;
  /** Paths that were written. */
  readonly written: readonly string[];
  /** FRR did not run: the first wave of its start is done, the others wait for all nodes. */
  readonly startsFrr: boolean;
}

/** @param told FRR was told more than its files say, and is to forget it */
export async function applyFiles(
  node: Node,
  session: Session,
  all: readonly RenderedFile[],
  checking: Checking,
  told = false,
): Promise<Applied> {
  const { guest } = node;
  const { files, records } = await withRecords(guest, session, all);
  const pushed = [...files.map((file) => withCheck(guest, file)), ...records];
  const written = await pushFiles(session, pushed, checking);
  if (files.some((file) => isFragment(guest, file.path))) {
    const whole = await assembleFrr(guest, session);
    pushed.push(whole);
    written.push(...(await pushFiles(session, [whole], checking)));
  }
  const changed = (what: RenderedFile["applies"]) =>
    files.some((file) => file.applies === what && written.includes(file.path));
  const runIf = async (holds: boolean, command: Argv | undefined) => {
    if (holds && command !== undefined) await session.run(command, { act: true });
  };
  await runIf(changed("interfaces"), guest.interfaces?.apply);
  const has = (what: RenderedFile["applies"]) => all.some((file) => file.applies === what);
  // A server announces what it has: what goes, goes before FRR is told of the rest, and what is new comes last.
  await runIf(changed("loopbacks"), guest.loopbacks?.prune);
  const frr = has("frr") ? chooseFrr(guest, told || written.includes(frrConf(guest))) : [];
  const [frrRuns] = await session.choose([
    ...frr,
    ...(has("dhcp") ? chooseDhcp(guest, changed("dhcp")) : []),
    ...(has("web") ? chooseWeb(guest, changed("web")) : []),
  ]);
  await runIf(changed("loopbacks"), guest.loopbacks?.make);
  await settleFiles(
    session,
    pushed.filter(({ path }) => written.includes(path)),
  );
  return { node, session, written, startsFrr: frr.length > 0 && frrRuns?.holds === false };
}

/** Reloads a running FRR, or does the first wave of its start. */
function chooseFrr({ frr }: Guest, changed: boolean): Choice[] {
  if (frr === undefined) return [];
  return [choice(frr.running, changed ? frr.reload : undefined, frr.startWaves[0])];
}

function chooseDhcp({ dhcp }: Guest, changed: boolean): Choice[] {
  return dhcp === undefined ? [] : [choice(dhcp.running, changed ? dhcp.restart : undefined, dhcp.restart)];
}

function chooseWeb({ web }: Guest, changed: boolean): Choice[] {
  return web === undefined ? [] : [choice(web.running, changed ? web.reload : undefined, web.start)];
}

function choice(whether: Argv, ifSo: Argv | undefined, ifNot: Argv | undefined): Choice {
  return { whether, ...(ifSo !== undefined && { ifSo }), ...(ifNot !== undefined && { ifNot }) };
}

/**
 * Goes on starting FRR on many nodes in waves: every zebra listens before the first bgpd solicits a neighbour, so that no
 * router advertisement is lost and no session waits for its next try.
 */
export async function startFrr(
  nodes: readonly Applied[],
  together: (nodes: readonly Applied[], work: (node: Applied) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const starting = nodes.filter((applied) => applied.startsFrr);
  const waves = starting.map((applied) => applied.node.guest.frr?.startWaves.length ?? 0);
  for (let wave = 1; wave < Math.max(1, ...waves); wave += 1) {
    await together(starting, async ({ node, session }) => {
      const command = node.guest.frr?.startWaves[wave];
      if (command !== undefined) await session.run(command);
    });
  }
}

/** `frr.conf` of a guest that composes it: the fragments in order, ours and the playbook's. */
async function assembleFrr(guest: Guest, session: Session): Promise<PushFile> {
  const directory = fragmentDirectory(guest);
  const parts = await withSftp(session, async (sftp) => {
    const names = (await listRemote(sftp, directory)).filter((name) => name.endsWith(".conf"));
    return Promise.all(names.map((name) => readRemote(sftp, `${directory}/${name}`)));
  });
  const text = parts.map((part) => part?.text ?? "").join("");
  return { path: frrConf(guest), text, mode: 0o640, owner: "frr:frr", ...checkOf(guest.frr?.check) };
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
