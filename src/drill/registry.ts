/** Every drill there is. */
import type { Scenario } from "./model.ts";
import { leafCrash, spineCrash } from "./scenarios/crash.ts";
import { bfddFreeze, bgpdHang, bgpdKill, hostFreeze } from "./scenarios/daemons.ts";
import { serverLinkDown, uplinkDown } from "./scenarios/links.ts";
import { withdraw } from "./scenarios/withdraw.ts";

export const scenarios: readonly Scenario[] = [
  withdraw,
  bgpdKill,
  bgpdHang,
  bfddFreeze,
  hostFreeze,
  serverLinkDown,
  leafCrash,
  spineCrash,
  uplinkDown,
];
