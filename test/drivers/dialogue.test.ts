import { describe, expect, it } from "vitest";
import { beginDialogue, hear, type Login, nudge } from "../../src/drivers/vm-bhyve/dialogue.ts";

const login: Login = {
  user: "cumulus",
  password: "cumulus",
  fresh: "n3w-secret",
  script: `echo "it's me"\n`.repeat(80),
};

/** What is typed in answer to each thing heard, until the end. */
function converse(...heard: string[]) {
  let dialogue = beginDialogue(login);
  const typed: string[] = [];
  for (const text of heard) {
    const [next, reaction] = hear(dialogue, login, text);
    dialogue = next;
    if (reaction.kind === "type") typed.push(reaction.text.trimEnd());
    else if (reaction.kind !== "listen") return { typed, end: reaction, dialogue };
  }
  return { typed, end: undefined, dialogue };
}

const lines = beginDialogue(login).lines.length;
const prompts = (count: number) => Array.from({ length: count }, () => "\r\nlab> ");
const welcome = ["\r\nDebian GNU/Linux 10 cumulus ttyS0\r\n\r\ncumulus login: ", "cumulus\r\nPassword: "];
const shell = "\r\nLinux cumulus 4.19.0\r\n\u001B[?2004hcumulus@cumulus:mgmt:~$ ";
/** From the shell on, until root has run the script. */
const toTheEnd = [shell, ...prompts(lines), "[sudo] password for cumulus: ", "\r\nlab-exit:0\r\n"];

describe("the first login on a console", () => {
  it.each([
    ["buster's PAM", ["(current) UNIX password: ", "\r\nEnter new UNIX password: ", "\r\nRetype new UNIX password: "]],
    ["trixie's PAM", ["Current password: ", "\r\nNew password: ", "\r\nRetype new password: "]],
  ])("changes the image's password as %s asks, and has root run the script whole", (_, asked) => {
    const change = ["\r\nYou are required to change your password immediately.\r\n", ...asked];
    const { typed, end } = converse(...welcome, ...change, ...toTheEnd);
    expect(end).toEqual({ kind: "done" });
    expect(typed.slice(0, 6)).toEqual(["cumulus", "cumulus", "cumulus", "n3w-secret", "n3w-secret", typed[5]]);
    expect(typed.at(-1)).toBe("n3w-secret");
    const encoded = typed.flatMap((line) => /^printf %s (\S+) /.exec(line)?.[1] ?? []);
    expect(Buffer.from(encoded.join(""), "base64").toString()).toBe(login.script);
    expect(Math.max(...typed.map((line) => line.length))).toBeLessThan(4000);
  });

  it("goes on with the image's password where no change is forced", () => {
    const { typed, end } = converse(...welcome, ...toTheEnd);
    expect(end).toEqual({ kind: "done" });
    expect(typed.at(-1)).toBe("cumulus");
  });

  it.each([
    ["Login incorrect\r\n", "is refused"],
    [
      "Current password: \r\nNew password: \r\nBAD PASSWORD: it is too simple\r\n",
      "change of the image's own password",
    ],
  ])("ends where it is told %j", (text, why) => {
    expect(converse(...welcome, text).end).toEqual({ kind: "failed", why: expect.stringContaining(why) as string });
  });

  it("ends with the exit code of a script that failed", () => {
    const { end } = converse(...welcome, shell, ...prompts(lines), "lab-exit:3\r\n");
    expect(end).toMatchObject({ kind: "failed", why: expect.stringContaining("exit code 3") as string });
  });

  it("takes nothing for a prompt that is not at the end: boot messages, the echo of what is typed, half a word", () => {
    const { typed } = converse("last login: yesterday\r\n", "[  OK  ] Started Login Service.\r\n", "cumulus log");
    expect(typed).toEqual([]);
    expect(converse(...welcome, shell, "unset PROMPT_COMMAND; PS1='lab''> '; stty -echo\r\n").typed.length).toBe(3);
  });

  it("knocks again only where nothing is asked that an empty line would answer", () => {
    expect(nudge(converse().dialogue)).toBe("\r");
    expect(nudge(converse(...welcome).dialogue)).toBeUndefined();
    expect(nudge(converse(...welcome, shell).dialogue)).toBe("\r");
    expect(nudge(converse(...welcome, shell, ...prompts(lines)).dialogue)).toBeUndefined();
  });

  it("gets past what an earlier visit left: a question for a password, or an open session", () => {
    expect(converse("Password: ").typed).toEqual([""]);
    expect(converse("lab> ").typed[0]).toContain("PS1=");
  });
});
