/**
 * What only asks, or may be done twice, is said again where its connection was lost: it may have been idle for long, and leads
 * over a fabric that is being broken.
 */
import { LabError } from "../errors.ts";

const mayPass: ReadonlySet<string> = new Set(["E_CONNECTION_LOST", "E_UNREACHABLE", "E_TIMEOUT"]);

/** @param times at most; the last one's error is thrown */
export async function askAgain<Answer>(ask: () => Promise<Answer>, times = 2): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (times > 1 && error instanceof LabError && mayPass.has(error.code)) return askAgain(ask, times - 1);
    throw error;
  }
}
