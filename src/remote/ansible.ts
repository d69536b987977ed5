/** Runs a playbook with the real `ansible-playbook` and reads its progress and recap. */
import { LabError } from "../errors.ts";
import type { Exec } from "../system/exec.ts";
import type { PlaybookFacts } from "../verify/model.ts";

export interface PlaybookRun {
  readonly exec: Exec;
  readonly playbook: string;
  readonly inventory: string;
  readonly config: string;
  /** Ansible's own temporary files stay in the lab's state. */
  readonly home: string;
  readonly forks: number;
  readonly signal: AbortSignal;
  /** The task that begins. */
  readonly onTask: (task: string) => void;
}

export interface PlaybookFailure {
  /** The host did not answer, or no longer. */
  readonly cutOff: boolean;
  readonly host: string;
  readonly task: string;
  readonly message: string;
}

/** Set to `home` in everything that Ansible starts; its workers and shared connections leave its process group. */
export const playbookMark = "LAB_PLAYBOOK_HOME";

/** A run that failed. */
export class PlaybookError extends LabError {
  readonly failures: readonly PlaybookFailure[];
  /** What it has done on each host. */
  readonly facts: PlaybookFacts;

  constructor(playbook: string, failures: readonly PlaybookFailure[], facts: PlaybookFacts) {
    super({
      code: "E_PLAYBOOK",
      message: [
        `${playbook} failed`,
        ...failures.map(({ host, task, message }) => `  ${host}: ${task}: ${message.replaceAll("\n", "\n    ")}`),
      ].join("\n"),
      hint: "mend the cause and run lab up again; it goes on from here",
    });
    this.failures = failures;
    this.facts = facts;
  }
}

/** Whether nothing is wrong with the run but that hosts could not be reached. */
export function isCutOff(error: unknown): error is PlaybookError {
  return error instanceof PlaybookError && error.failures.every(({ cutOff }) => cutOff);
}

/** Runs to the end; throws PlaybookError naming task, host and message of every failure. */
export async function runPlaybook(run: PlaybookRun): Promise<PlaybookFacts> {
  const reader = readOutput(run.onTask);
  const argv = ["ansible-playbook", "--inventory", run.inventory, "--forks", String(run.forks), run.playbook];
  const result = await run.exec.try(argv, {
    env: {
      [playbookMark]: run.home,
      ANSIBLE_CONFIG: run.config,
      ANSIBLE_HOME: run.home,
      ANSIBLE_LOCAL_TEMP: `${run.home}/tmp`,
      ANSIBLE_NOCOLOR: "1",
      // Build servers often have this set, and it overrides the other.
      ANSIBLE_FORCE_COLOR: "0",
      ANSIBLE_NOCOWS: "1",
      // A callback chosen elsewhere would be read as nonsense.
      ANSIBLE_STDOUT_CALLBACK: "default",
      ANSIBLE_CALLBACK_RESULT_FORMAT: "json",
      LC_ALL: "C.UTF-8",
    },
    timeoutMs: 900_000,
    signal: run.signal,
    onLine: (line, stream) => {
      if (stream === "stdout") reader.read(line);
    },
  });
  const { failures, facts } = reader.end();
  // A failure that a playbook rescues or ignores is none: the exit code knows.
  if (result.failure !== undefined && failures.length > 0) throw new PlaybookError(run.playbook, failures, facts);
  if (result.failure !== undefined || Object.keys(facts).length === 0) {
    const said = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-12).join("\n");
    const failure = { host: "ansible-playbook", task: result.failure ?? "no recap", message: said, cutOff: false };
    throw new PlaybookError(run.playbook, [failure], facts);
  }
  return facts;
}

interface OutputReader {
  read(line: string): void;
  end(): { readonly failures: readonly PlaybookFailure[]; readonly facts: PlaybookFacts };
}

/** `fatal: [HOST]: FAILED! => {…}`, and of a loop `failed: [HOST] (item=…) => {…}`; a delegated host comes after `->`. */
const failurePattern = /^(?:fatal|failed): \[([^\] ]+)[^\]]*\](?:: (FAILED|UNREACHABLE)!| \(item=.*?\)) => (.*)$/;

/** Reads the lines of Ansible's `default` callback. */
export function readOutput(onTask: (task: string) => void): OutputReader {
  let task = "";
  const failures: PlaybookFailure[] = [];
  const facts: Record<string, { changed: number; failed: number }> = {};
  return {
    read(line) {
      const title = /^(?:TASK|RUNNING HANDLER) \[(.*)\]/.exec(line)?.[1];
      if (title !== undefined) {
        task = title;
        onTask(title);
      }
      const failure = failurePattern.exec(line);
      if (failure !== null) {
        const [, host = "", kind, json = ""] = failure;
        failures.push({ host, task, message: readMessage(json), cutOff: kind === "UNREACHABLE" });
      }
      if (line === "...ignoring") failures.pop();
      const recap = /^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/.exec(line);
      if (recap !== null) {
        facts[recap[1] ?? ""] = { changed: Number(recap[2]), failed: Number(recap[3]) + Number(recap[4]) };
      }
    },
    // A host that came to its end well was rescued.
    end: () => ({ failures: failures.filter(({ host }) => facts[host]?.failed !== 0), facts }),
  };
}

/** `msg`, and what the command or the module itself said, of a JSON result. */
function readMessage(json: string): string {
  try {
    const result = JSON.parse(json) as Record<string, unknown>;
    const texts = ["msg", "stderr", "stdout", "module_stderr", "module_stdout"].flatMap((key) => {
      const text = result[key];
      return typeof text === "string" && text.trim() !== "" ? [text.trim()] : [];
    });
    return texts.join("\n");
  } catch {
    return json;
  }
}
