/** The root part, a process of its own (`images/healthd/actuator`): it is told words by name and knows the rest itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Interfaces, lookAtKernel } from "./interfaces.ts";

export interface Actuator extends Interfaces {
  /** Resolves when it has ended: without it nothing can be announced or withdrawn. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface ActuatorOptions {
  readonly program: string;
  /** Where the services' files are. */
  readonly directory: string;
  /** Where healthd keeps what lives as long as the system runs. */
  readonly run: string;
  /** What its tools complain of without being asked: renewals that failed. */
  readonly onComplaint: (line: string) => void;
}

/** `ip` and `ifconfig` take milliseconds. */
const patienceMs = 5000;

/** Started while we are root. It has a session of its own, so that Ctrl-C leaves it alive to withdraw what is to be. */
export function startActuator({ program, directory, run, onComplaint }: ActuatorOptions): Actuator {
  const child = spawn(program, [directory, run], { detached: true, stdio: "pipe" });
  const waiting: ((answer: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  createInterface({ input: child.stderr }).on("line", onComplaint);
  child.stdin.on("error", () => {});
  const ended = untilClosed(child, onComplaint);
  const ask = async (words: string): Promise<string | undefined> => {
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    child.stdin.write(`${words}\n`);
    return readAnswer(await within(answer, ended));
  };
  return {
    ended,
    act: async (word, { name }, cover) => {
      const words = `${word} ${name}${cover ? " cover" : ""}`;
      if (word !== "renew") return ask(words);
      child.stdin.write(`${words}\n`);
      return undefined;
    },
    look: lookAtKernel,
    reload: () => ask("reload"),
    close: () => child.stdin.end(),
  };
}

/** @param complain told if it could not be started at all */
async function untilClosed(child: ChildProcess, complain: (line: string) => void): Promise<void> {
  try {
    await once(child, "close");
  } catch (error) {
    complain(String(error));
  }
}

async function within(answer: Promise<string>, ended: Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`failed no answer within ${patienceMs / 1000} s`), patienceMs);
  });
  try {
    return await Promise.race([answer, late, ended.then(() => "failed the root part has ended")]);
  } finally {
    clearTimeout(timer);
  }
}

function readAnswer(line: string): string | undefined {
  return line === "ok" ? undefined : line.replace(/^failed /, "");
}
