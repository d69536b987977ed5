import type { Guest } from "../../src/kinds/kind.ts";
import type { Node, RenderedFile } from "../../src/plan/model.ts";
import { smallPlan } from "../verify/small-plan.ts";
import { type FakeNode, fakeNode, type FakeNodeOptions } from "./ssh-server.ts";

const control = (daemon: string) => ({
  check: ["check", daemon],
  running: ["daemon", daemon, "running"],
  start: ["daemon", daemon, "start"],
  reload: ["daemon", daemon, "reload"],
});

/** A guest whose daemons are a program of the fake node. */
export const fakeGuest: Guest = {
  os: "debian",
  login: "root",
  backend: "frr",
  frr: {
    ...control("frr"),
    directory: "/etc/frr",
    startWaves: [
      ["daemon", "frr", "start"],
      ["daemon", "frr", "load"],
    ],
  },
  interfaces: {
    path: "/etc/network/interfaces",
    check: ["check", "interfaces"],
    apply: ["daemon", "interfaces", "apply"],
  },
  dhcp: { ...control("dhcp"), restart: ["daemon", "dhcp", "restart"] },
  web: { ...control("web"), conf: "/etc/httpd.conf", documentRoot: "/srv/www", modules: "/usr/lib/apache2" },
};

/** A node of the plan with that guest. */
export function guestNode(name = "leaf01", guest = fakeGuest): Node {
  const node = smallPlan.nodes.find((one) => one.role === "leaf");
  if (node === undefined) throw new Error("the small plan has no leaf");
  return { ...node, name, guest };
}

export interface FakeGuestNode extends FakeNode {
  /** What its daemons were told since the last look, but for questions. */
  told(): string[];
}

/**
 * Its daemons run once they are started, and fail at whatever the file `broken` names; while there is a file `busy`, acts of
 * lost connections go on.
 */
export function fakeGuestNode(options: FakeNodeOptions = {}): FakeGuestNode {
  const node = fakeNode(options);
  node.write("/told", "");
  node.write("/broken", "");
  // The shell's own words only: a process of its own for each would take most of the tests' time.
  node.program(
    "check",
    'while read -r line; do case $line in *wrong*) echo "refused: $line" >&2; exit 1 ;; esac; done <"$ROOT$2"',
  );
  node.program(
    "daemon",
    `if [ "$2" = running ]; then [ -e "$ROOT/$1.runs" ]; exit; fi
     echo "$*" >>"$ROOT/told"
     while read -r line; do [ "$line" != "$*" ] || { echo "$1 is broken" >&2; exit 1; }; done <"$ROOT/broken"
     : >"$ROOT/$1.runs"`,
  );
  node.program("pgrep", '[ -e "$ROOT/busy" ]');
  const told = () => {
    const lines = node.read("/told").split("\n").filter(Boolean);
    node.write("/told", "");
    return lines;
  };
  return Object.assign(node, { told });
}

export function rendered(path: string, text: string, applies: RenderedFile["applies"]): RenderedFile {
  return { node: "leaf01", path, text, mode: 0o644, owner: "root:root", stage: "fabric", applies };
}
