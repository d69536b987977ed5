/** `lab status`: how much of what is planned is there, at one look. */
import type { Driver } from "../drivers/driver.ts";
import type { Answer, Ask } from "../verify/model.ts";
import { statusQuestions } from "../verify/status-questions.ts";
import type { StatusRow } from "../verify/status.ts";
import type { Design } from "./design.ts";
import type { Lab } from "./lab.ts";

export async function askStatus(lab: Lab, { plan }: Design): Promise<readonly StatusRow[]> {
  const asks = statusQuestions(plan);
  const { askGuests } = lab.driver;
  const asking = askGuests === undefined ? askBySsh(lab, plan, asks) : askThere(askGuests, asks);
  // While the nodes answer, what reads their answers is loaded.
  const [{ judgeStatus }, { seenByStatus }] = await Promise.all([
    import("../verify/status.ts"),
    import("../verify/read-status.ts"),
  ]);
  return judgeStatus(plan, new Map([...(await asking)].map(([node, answer]) => [node, seenByStatus(answer)])));
}

/** Without SSH: a handshake with every node would take longer than all the rest. */
async function askThere(
  askGuests: NonNullable<Driver["askGuests"]>,
  asks: readonly Ask[],
): Promise<ReadonlyMap<string, Answer>> {
  const found = await askGuests(asks.map(({ node, question }) => ({ node, argv: question.argv })));
  return new Map(
    asks.map(({ node }) => {
      const answer = found.get(node);
      return [node, answer === undefined ? { unreachable: "it does not run" } : { ...answer, stderr: "" }];
    }),
  );
}

async function askBySsh(lab: Lab, plan: Design["plan"], asks: readonly Ask[]): Promise<ReadonlyMap<string, Answer>> {
  const { keysOf, openLabFleet } = await import("./access.ts");
  const { askNodes } = await import("../remote/ask.ts");
  const { askKey } = await import("../verify/questions.ts");
  const fleet = openLabFleet(lab, plan, await keysOf(lab, plan));
  try {
    const questions = asks.map(({ node, question }) => ({ node, questions: [question] }));
    const answers = await askNodes(fleet, questions, { connectMs: 3000, timeoutMs: 10_000 });
    return new Map(asks.map((ask) => [ask.node, answers.get(askKey(ask)) ?? { unreachable: "it was not asked" }]));
  } finally {
    fleet.close();
  }
}
