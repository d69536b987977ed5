/** The flags of every command: one line each, the same name for the same thing. */
import { globalFlags, on, oneOf, text, wholeNumber } from "./command.ts";

const wait = wholeNumber("Seconds to wait for a lab that another run holds", "SECONDS", 0, 86_400);
const dryRun = on("Print the commands instead of running them");

export const upFlags = {
  ...globalFlags,
  until: oneOf("Last stage to run", ["check", "build", "fabric", "playbook", "servers", "verify"]),
  dryRun,
  wait,
} as const;
export const downFlags = { ...globalFlags, dryRun, wait, all: on("Every lab of this user") } as const;
export const verifyFlags = { ...globalFlags, junit: text("Also write a JUnit report", "FILE") } as const;
