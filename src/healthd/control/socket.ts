/** Questions to a running healthd over a Unix socket: one JSON object a line, one line of JSON back, and the end. */
import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, Socket, type Server } from "node:net";
import type { Status } from "./status.ts";

export interface Question {
  /** `look` reads maintenance files and checks at once; both are answered with the status as it is. */
  readonly ask: "status" | "look";
}

/** Longer than any question. */
const mostBytes = 4096;
const patienceMs = 5000;

/**
 * Also the proof that no other healthd runs here: two would withdraw what the other one announces.
 * @throws Error if there is one
 */
export async function listenForQuestions(path: string, answer: (question: Question) => Status): Promise<Server> {
  const other = await ask(path, { ask: "status" }).catch(() => undefined);
  if (other !== undefined) throw new Error(`healthd runs already, as process ${other.pid}: it answers on ${path}`);
  // What a killed one left behind.
  await rm(path, { force: true });
  const server = createServer((socket) => serve(socket, answer));
  server.listen(path);
  await once(server, "listening");
  // Whoever may ask may have every service checked all the time.
  await chmod(path, 0o600);
  return server;
}

function serve(socket: Socket, answer: (question: Question) => Status): void {
  let text = "";
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    text += chunk.toString();
    const end = text.indexOf("\n");
    if (end < 0 && text.length <= mostBytes) return;
    const question = readQuestion(text.slice(0, Math.max(0, end)));
    socket.end(`${JSON.stringify(question === undefined ? { error: "no question of ours" } : answer(question))}\n`);
  });
}

function readQuestion(line: string): Question | undefined {
  try {
    const { ask: word } = JSON.parse(line) as { readonly ask?: unknown };
    return word === "status" || word === "look" ? { ask: word } : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error if nobody answers there */
export async function ask(path: string, question: Question): Promise<Status> {
  const socket = new Socket();
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`nothing came within ${patienceMs / 1000} s`)));
  try {
    const connected = once(socket, "connect");
    socket.connect(path);
    await connected;
    socket.write(`${JSON.stringify(question)}\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString()) as Status;
  } finally {
    socket.destroy();
  }
}
