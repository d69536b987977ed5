import { afterEach, describe, expect, it, vi } from "vitest";
import { askNodes } from "../../src/remote/ask.ts";
import type { Question } from "../../src/verify/model.ts";
import { askKey } from "../../src/verify/questions.ts";
import { fakeFleet, type FakeFleet } from "../fakes/fleet.ts";
import { until } from "../fakes/processes.ts";
import { type FakeNode, fakeNode, type FakeNodeOptions } from "../fakes/ssh-server.ts";

const ask = (...argv: string[]): Question => ({ kind: "command", argv, format: "text" });
const wait = (...argv: string[]): Question => ({ ...ask(...argv), waits: true });
const vty = (command: string) => ask("vtysh", "-c", command);

const options = { connectMs: 0, timeoutMs: 30_000 };

/** What each question was answered, in order. */
async function answersOf(fleet: FakeFleet, node: string, ...questions: Question[]) {
  const answers = await askNodes(fleet, [{ node, questions }], options);
  return questions.map((question) => answers.get(askKey({ node, question })));
}

const good = (stdout: string) => ({ exitCode: 0, stdout, stderr: "" });

/** A node with a vtysh: it answers with the command, fails at `bad`, and hangs at `slow`. */
function frrNode(given: FakeNodeOptions = {}): FakeNode {
  const node = fakeNode(given);
  node.program(
    "vtysh",
    `echo=
     for word in "$@"; do case $word in
       --echo) echo=yes ;;
       -c) ;;
       *)
         [ -z "$echo" ] || echo "leaf01# $word"
         case $word in
           bad) echo "% Unknown command" ; exit 1 ;;
           slow) exec sleep 99 ;;
           *) echo "answer to $word" ;;
         esac ;;
     esac; done`,
  );
  return node;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("questions to a node", () => {
  it("are asked in one round trip, FRR's of one vtysh, and each gets its own answer", async () => {
    const node = frrNode();
    const questions = [vty("show bgp"), ask("echo", "a b"), ask("sh", "-c", "echo oops >&2; exit 3"), vty("show bfd")];
    expect(await answersOf(fakeFleet([node]), "leaf01", ...questions)).toEqual([
      good("answer to show bgp\n"),
      good("a b\n"),
      { exitCode: 3, stdout: "", stderr: "oops\n" },
      good("answer to show bfd\n"),
    ]);
    expect(node.commands).toHaveLength(1);
  });

  it("that wait for the network are asked by themselves, beside the others", async () => {
    const node = fakeNode();
    const questions = [ask("echo", "1"), wait("echo", "2"), wait("echo", "3")];
    const answers = await answersOf(fakeFleet([node]), "leaf01", ...questions);
    expect(answers).toEqual([good("1\n"), good("2\n"), good("3\n")]);
    expect(node.commands).toEqual(expect.arrayContaining(["echo 2", "echo 3"]));
    expect([node.commands.length, node.connections]).toEqual([3, 1]);
  });

  it("that a signal ended have an exit code that no program gives", async () => {
    const fleet = fakeFleet([fakeNode({ script: () => ({ signal: "KILL" }) })]);
    expect(await answersOf(fleet, "leaf01", wait("ping"))).toEqual([{ exitCode: 255, stdout: "", stderr: "" }]);
  });

  it("go to many nodes at once, the hypervisor among them", async () => {
    const fleet = fakeFleet(["leaf01", "leaf02"].map((name) => fakeNode({ name })));
    const question = ask("echo", "on");
    const nodes = ["leaf01", "leaf02", "hypervisor"];
    const answers = await askNodes(
      fleet,
      nodes.map((node) => ({ node, questions: [question] })),
      options,
    );
    expect(nodes.map((node) => answers.get(askKey({ node, question })))).toEqual([
      good("on\n"),
      good("on\n"),
      good("here: echo on\n"),
    ]);
  });
});

describe("questions that get no answer at once", () => {
  it("are all answered with one reason, after one attempt, where the node does not answer", async () => {
    const fleet = fakeFleet([]);
    const answers = await answersOf(fleet, "absent", vty("show bgp"), vty("show bfd"), ask("hostname"), wait("ping"));
    const unreachable = expect.stringContaining("absent: no SSH answer from") as string;
    expect(answers).toEqual(answers.map(() => ({ unreachable })));
    expect(fleet.tries).toEqual(["absent"]);
  });

  it("are asked one by one where vtysh stops at one of them", async () => {
    const node = frrNode();
    const questions = [vty("show bgp"), vty("bad"), ask("echo", "1"), vty("show bfd")];
    expect(await answersOf(fakeFleet([node]), "leaf01", ...questions)).toEqual([
      good("answer to show bgp\n"),
      { exitCode: 1, stdout: "% Unknown command\n", stderr: "" },
      good("1\n"),
      good("answer to show bfd\n"),
    ]);
    expect(node.commands).toHaveLength(4);
  });

  it("are asked one by one where vtysh hangs at one of them, which alone stays without", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const node = frrNode();
    const answers = answersOf(fakeFleet([node]), "leaf01", vty("show bgp"), vty("slow"), ask("echo", "1"));
    await until(() => node.commands.length === 1);
    vi.advanceTimersByTime(10_000);
    // Only the deadline of the question that hangs is still there.
    await until(() => node.commands.length === 4 && vi.getTimerCount() === 1);
    vi.advanceTimersByTime(30_000);
    expect(await answers).toEqual([
      good("answer to show bgp\n"),
      { unreachable: "leaf01: no end after 30 s: vtysh -c slow" },
      good("1\n"),
    ]);
  });

  it("are asked over a new connection where the old one is lost", async () => {
    const node = frrNode({ script: (command) => (command.includes("printf") ? "hangs" : undefined) });
    const answers = answersOf(fakeFleet([node]), "leaf01", ask("echo", "1"), ask("echo", "2"));
    await until(() => node.commands.length === 1);
    node.cut();
    expect(await answers).toEqual([good("1\n"), good("2\n")]);
    expect(node.connections).toBe(2);
  });

  it("are no answer where the failure is a bug", async () => {
    await expect(answersOf(fakeFleet([]), "leaf09", ask("true"))).rejects.toThrow(TypeError);
    await expect(answersOf(fakeFleet([]), "leaf09", wait("true"))).rejects.toThrow(TypeError);
  });
});
