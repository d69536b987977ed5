/** What only asks is asked again where its connection was lost: it may have been idle for long, over a fabric that was broken. */
import { LabError } from "../errors.ts";

export async function askAgain<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LabError && error.code === "E_CONNECTION_LOST") return ask();
    throw error;
  }
}
