/**
 * The first login on a serial console, as a pure machine: what is heard leads to what is typed. It logs in by the password
 * that every image of the kind has, changes it if it must, and has root run one script. Nothing here knows of time.
 */

export interface Login {
  readonly user: string;
  /** Of the image, known to everybody. */
  readonly password: string;
  /** In its place for as long as this takes. */
  readonly fresh: string;
  /** Run by root. */
  readonly script: string;
}

/** Where the conversation stands. */
export interface Dialogue {
  readonly phase: "knock" | "name" | "enter" | "shell" | "run";
  /** What was heard since the last words typed. */
  readonly heard: string;
  /** Lines still to be typed at the shell's prompt. */
  readonly lines: readonly string[];
  /** The password of the account by now. */
  readonly password: string;
}

export type Reaction =
  | { readonly kind: "listen" }
  | { readonly kind: "type"; readonly text: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly why: string };

/** A prompt of ours; written in two parts where it is typed, so that its echo does not pass for it. */
const prompt = /lab> $/;
/** A terminal in canonical mode takes 4095 characters a line. */
const chunk = 768;

export function beginDialogue({ script, password }: Login): Dialogue {
  const encoded = Buffer.from(script).toString("base64");
  const chunks = encoded.match(new RegExp(`.{1,${chunk}}`, "g")) ?? [];
  const lines = [
    "umask 077; lab=$(mktemp)",
    ...chunks.map((text) => `printf %s ${text} >>"$lab"`),
    'base64 -d "$lab" >"$lab.sh"; sudo sh "$lab.sh"; echo "lab-""exit:$?"',
  ];
  return { phase: "knock", heard: "", lines, password };
}

/** What to do now that `text` was heard. */
export function hear(dialogue: Dialogue, login: Login, text: string): [Dialogue, Reaction] {
  const now = { ...dialogue, heard: dialogue.heard + text };
  const plain = plainText(now.heard);
  switch (now.phase) {
    case "knock":
      return knock(now, login, plain);
    case "name":
      return asks(/password: *$/i, plain) ? type({ ...now, phase: "enter" }, login.password) : [now, listen];
    case "enter":
      return enter(now, login, plain);
    case "shell":
      return prompt.test(plain) ? nextLine(now) : [now, listen];
    case "run":
      return run(now, plain);
  }
}

/** What to type when nothing is heard; undefined where it would be taken for an answer. */
export function nudge({ phase }: Dialogue): string | undefined {
  return phase === "knock" || phase === "shell" ? "\r" : undefined;
}

const listen: Reaction = { kind: "listen" };

function type(dialogue: Dialogue, line: string): [Dialogue, Reaction] {
  return [
    { ...dialogue, heard: "" },
    { kind: "type", text: `${line}\r` },
  ];
}

function fail(dialogue: Dialogue, why: string): [Dialogue, Reaction] {
  return [dialogue, { kind: "failed", why }];
}

/** Somebody who was here before may have left anything: a name half typed, or an open session. */
function knock(now: Dialogue, login: Login, plain: string): [Dialogue, Reaction] {
  if (asks(/login: *$/, plain)) return type({ ...now, phase: "name" }, login.user);
  if (asks(/password: *$/i, plain)) return type(now, "");
  if (prompt.test(plain) || asks(/[$#] $/, plain)) return type({ ...now, phase: "shell" }, openShell);
  return [now, listen];
}

const openShell = "unset PROMPT_COMMAND; PS1='lab''> '; stty -echo";

/** PAM's words differ from release to release: "(current) UNIX password:", "Current password:", "Enter new UNIX password:". */
function enter(now: Dialogue, login: Login, plain: string): [Dialogue, Reaction] {
  if (/login incorrect|authentication failure/i.test(plain)) {
    return fail(now, `the login ${login.user} with the image's own password is refused`);
  }
  if (/bad password|password unchanged|token manipulation error|you must (choose|wait)/i.test(plain)) {
    return fail(now, "the change of the image's own password is refused");
  }
  const fresh = () => type({ ...now, password: login.fresh }, login.fresh);
  if (asks(/(retype|re-?enter)[^\n]*password: *$/i, plain)) return fresh();
  if (asks(/new[^\n]*password: *$/i, plain)) return fresh();
  if (asks(/(current|old)[^\n]*password: *$/i, plain)) return type(now, login.password);
  if (asks(/[$#] *$/, plain)) return type({ ...now, phase: "shell" }, openShell);
  return [now, listen];
}

function nextLine(now: Dialogue): [Dialogue, Reaction] {
  const [line = "", ...lines] = now.lines;
  return type({ ...now, lines, phase: lines.length === 0 ? "run" : "shell" }, line);
}

function run(now: Dialogue, plain: string): [Dialogue, Reaction] {
  const code = /lab-exit:(\d+)/.exec(plain)?.[1];
  if (code === "0") return [now, { kind: "done" }];
  if (code !== undefined) return fail(now, `the script of the first login ended with exit code ${code}`);
  if (asks(/\[sudo\] password for [^\n]*: *$/, plain)) return type(now, now.password);
  return [now, listen];
}

/** The last line is an unanswered question. */
function asks(question: RegExp, plain: string): boolean {
  return question.test(plain.slice(plain.lastIndexOf("\n") + 1));
}

/** Without carriage returns and control sequences (ECMA-48). */
function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|\u001B\][^\u0007]*\u0007|\r/g, "");
}
