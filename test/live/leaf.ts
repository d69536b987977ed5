/** The leaf of a small lab that is made to look like Cumulus, and the playbook played on it the way `lab up` does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Backend } from "../../src/kinds/kind.ts";
import { runPlaybook } from "../../src/remote/ansible.ts";
import { type Exec, localExec } from "../../src/system/exec.ts";
import type { PlaybookFacts } from "../../src/verify/model.ts";
import { type Place, root } from "./lab.ts";

export interface Leaf {
  /** What a script prints; it must succeed and complain of nothing. */
  sh(script: string, input?: string): string;
  /** Puts a stand-in of `test/playbooks` where the real command would be. */
  install(tool: "net" | "nv"): void;
  /** The real playbook by the tool's own runner. Variables win over the inventory's. */
  play(backend: Backend, vars?: Readonly<Record<string, unknown>>): Promise<PlaybookFacts>;
}

export function leafOf(place: Place, lab: string): Leaf {
  const sh = (script: string, input?: string): string => {
    const { code, stdout, stderr } = place.ssh(lab, "leaf01", script, input);
    expect({ script, code, stderr }).toEqual({ script, code: 0, stderr: "" });
    return stdout;
  };
  return {
    sh,
    install(tool) {
      const text = readFileSync(join(root, "test", "playbooks", tool), "utf8");
      sh(`cat > /usr/bin/${tool} && chmod +x /usr/bin/${tool}`, text);
    },
    play(backend, vars = {}) {
      const extra = ["--extra-vars", JSON.stringify({ lab_backend: backend, ...vars })];
      const exec: Exec = { ...localExec, try: (argv, options) => localExec.try([...argv, ...extra], options) };
      return runPlaybook({
        exec,
        playbook: join(root, "playbooks", "anycast.yaml"),
        inventory: join(place.state, lab, "inventory.yaml"),
        config: join(root, "playbooks", "ansible.cfg"),
        home: join(place.state, lab, "ansible"),
        forks: 1,
        signal: new AbortController().signal,
        onTask: () => undefined,
      });
    },
  };
}
