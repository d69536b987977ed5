/** The application: the command table, what its errors look like, and which exit code they mean. */
import { buildApplication, text_en } from "@stricli/core";
import { exitCodeOf, explainError } from "./explain.ts";
import { routes } from "./routes.ts";

export const app = buildApplication(routes, {
  name: "lab",
  versionInfo: { currentVersion: "0.1.0" },
  scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
  documentation: { caseStyle: "convert-camel-to-kebab", useAliasInUsageLine: true },
  determineExitCode: exitCodeOf,
  localization: {
    loadText: () => ({
      ...text_en,
      exceptionWhileRunningCommand: explainError,
      commandErrorResult: explainError,
    }),
  },
});
