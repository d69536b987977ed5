/** The flags of every command: one line each, the same name for the same thing. */
import { imageWords } from "../drivers/vm-bhyve/images/catalogue.ts";
import { globalFlags, on, oneOf, text, wholeNumber } from "./command.ts";

const wait = wholeNumber("Seconds to wait for a lab that another run holds", "SECONDS", 0, 86_400);
const dryRun = on("Print the commands instead of running them");
const junit = text("Also write a JUnit report", "FILE", "files");

export const upFlags = {
  ...globalFlags,
  until: oneOf("Last stage to run", ["check", "build", "fabric", "playbook", "servers", "verify"]),
  dryRun,
  wait,
  junit,
} as const;
export const downFlags = { ...globalFlags, dryRun, wait, all: on("Every lab of this user") } as const;
export const planFlags = { ...globalFlags, verbose: on("Also every interface, file, step and check") } as const;
export const verifyFlags = { ...globalFlags, wait, junit } as const;
export const drillFlags = {
  ...globalFlags,
  count: wholeNumber("Runs, 1 if absent", "N", 1, 1000),
  rate: wholeNumber("Requests a second, of all clients together, 100 if absent", "N", 1, 5000),
  baseline: text("An earlier result (--json) that this one may not be worse than", "FILE", "files"),
  repair: on("Only mend what a drill has left that was killed"),
  wait,
  junit,
} as const;
export const generateFlags = {
  ...globalFlags,
  spines: wholeNumber("Spines, 2 if absent", "S", 1, 16),
  leaves: wholeNumber("Leaves, 4 if absent", "L", 1, 128),
  servers: wholeNumber("Servers on each leaf, 1 if absent", "N", 1, 8),
} as const;
export const imageFlags = {
  ...globalFlags,
  kind: oneOf("Which image, on vm-bhyve", imageWords),
} as const;
export const doctorFlags = { ...globalFlags, fix: on("Install what is missing") } as const;
export { globalFlags };
