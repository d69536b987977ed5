/** The command table: names, one line of help each. The work is loaded when it is called. */
import { buildRouteMap } from "@stricli/core";
import { defineCommand } from "./command.ts";
import { shells } from "./completion.ts";
import { scenarios } from "../drill/registry.ts";
import {
  doctorFlags,
  downFlags,
  drillFlags,
  generateFlags,
  globalFlags,
  imageFlags,
  planFlags,
  upFlags,
  verifyFlags,
} from "./flags.ts";

const up = defineCommand({
  brief: "Bring a lab up, verify it, show it",
  flags: upFlags,
  tidiesUp: true,
  load: async () => (await import("./commands/up.ts")).runUp,
});

const down = defineCommand({
  brief: "Take a lab down and leave nothing",
  flags: downFlags,
  tidiesUp: true,
  load: async () => (await import("./commands/down.ts")).runDown,
});

const plan = defineCommand({
  brief: "Show what a topology becomes: nodes, addresses, links",
  flags: planFlags,
  load: async () => (await import("./commands/plan.ts")).runPlan,
});

const check = defineCommand({
  brief: "Check topology files; every mistake at once",
  flags: globalFlags,
  usage: "[FLAGS] [FILE]...",
  rest: {
    placeholder: "FILE",
    brief: "Topology files; the one that up would take if absent",
    completes: "topologies",
  },
  load: async () => (await import("./commands/check.ts")).runCheck,
});

const verify = defineCommand({
  brief: "Prove that the fabric does what it should",
  flags: verifyFlags,
  tidiesUp: true,
  load: async () => (await import("./commands/verify.ts")).runVerify,
});

const drill = defineCommand({
  brief: "Break the lab, watch what becomes of it, and mend it",
  fullDescription:
    "Break the lab, watch what becomes of routes and requests, and mend it; without SCENARIO, list all scenarios.",
  flags: drillFlags,
  usage: "[FLAGS] [SCENARIO]",
  rest: {
    placeholder: "SCENARIO",
    brief: "What is to go wrong; a list of all if absent",
    completes: scenarios.map(({ name }) => name),
    maximum: 1,
  },
  tidiesUp: true,
  load: async () => (await import("./commands/drill.ts")).runDrillCommand,
});

const status = defineCommand({
  brief: "Show nodes, sessions, BFD, prefixes and next hops",
  flags: globalFlags,
  load: async () => (await import("./commands/status.ts")).runStatus,
});

const exec = defineCommand({
  brief: "Run a command on nodes",
  fullDescription: "Run a command on nodes: names, roles or patterns such as leaf0*, separated by commas.",
  flags: globalFlags,
  usage: "[FLAGS] NODES -- COMMAND",
  rest: { placeholder: "NODES|WORD", brief: "Nodes, and the words of the command", completes: "nodes" },
  tidiesUp: true,
  load: async () => (await import("./commands/exec.ts")).runExec,
});

const ssh = defineCommand({
  brief: "Log in to a node, or run a command there",
  flags: globalFlags,
  usage: "[FLAGS] NODE [-- COMMAND]",
  rest: { placeholder: "NODE|WORD", brief: "A node, and the words of a command", completes: "node" },
  load: async () => (await import("./commands/ssh.ts")).runSsh,
});

const logs = defineCommand({
  brief: "Show the logs of nodes, or of the lab itself",
  flags: globalFlags,
  usage: "[FLAGS] [NODES]",
  rest: {
    placeholder: "NODES",
    brief: "Names, roles or patterns; the lab itself if absent",
    completes: "nodes",
    maximum: 1,
  },
  load: async () => (await import("./commands/logs.ts")).runLogs,
});

const generate = defineCommand({
  brief: "Write a topology of any size to standard output",
  flags: generateFlags,
  load: async () => (await import("./commands/generate.ts")).runGenerate,
});

const doctor = defineCommand({
  brief: "Check this machine, and mend it with --fix",
  flags: doctorFlags,
  load: async () => (await import("./commands/doctor.ts")).runDoctor,
});

const image = buildRouteMap({
  routes: {
    list: defineCommand({
      brief: "Show the images of guests",
      flags: globalFlags,
      load: async () => (await import("./commands/image.ts")).runImageList,
    }),
    build: defineCommand({
      brief: "Build or fetch the images of guests unless they are there",
      flags: imageFlags,
      tidiesUp: true,
      load: async () => (await import("./commands/image.ts")).runImageBuild,
    }),
    import: defineCommand({
      brief: "Take a disk image of your own for guests of a kind (vm-bhyve)",
      flags: imageFlags,
      usage: "[FLAGS] FILE --kind KIND",
      rest: { placeholder: "FILE", brief: "qcow2, VMDK, VDI, VHDX or raw", completes: "files", maximum: 1 },
      tidiesUp: true,
      load: async () => (await import("./commands/image-vm.ts")).runImageImport,
    }),
    verify: defineCommand({
      brief: "Compare images with the checksums that they had (vm-bhyve)",
      flags: imageFlags,
      load: async () => (await import("./commands/image-vm.ts")).runImageVerify,
    }),
  },
  docs: { brief: "Images of guests" },
});

const completion = defineCommand({
  brief: "Print a completion script for bash, zsh or fish",
  flags: globalFlags,
  usage: "bash|zsh|fish",
  rest: { placeholder: "SHELL", brief: "bash, zsh or fish", completes: shells, maximum: 1 },
  load: async () => (await import("./commands/completion.ts")).runCompletion,
});

export const routes = buildRouteMap({
  routes: { up, down, plan, check, verify, drill, status, exec, ssh, logs, generate, doctor, image, completion },
  aliases: { deploy: "up", destroy: "down", inspect: "status" },
  docs: { brief: "An anycast fabric without load balancers, in one command" },
});
