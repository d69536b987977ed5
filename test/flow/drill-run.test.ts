import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { momentsOf } from "../../src/drill/timeline.ts";
import { readPending } from "../../src/flow/drill-fault.ts";
import { healNow } from "../../src/flow/drill-heal.ts";
import { type Arena, runOnce } from "../../src/flow/drill-run.ts";
import type { JournalEvent } from "../../src/flow/journal.ts";
import type { Fleet } from "../../src/remote/fleet.ts";
import { type Behaviour, drillFabric, fault, service } from "../fakes/drill-fabric.ts";
import { makePlace } from "../fakes/place.ts";
import { smallPlan } from "../verify/small-plan.ts";

function arenaOf(behaviour: Behaviour = {}) {
  const file = join(makePlace(), "drill.json");
  const abort = new AbortController();
  const events: JournalEvent[] = [];
  const notes: string[] = [];
  const fabric = drillFabric(behaviour);
  const arena: Arena = {
    ...{ plan: smallPlan, service, clock: fabric.clock, signal: abort.signal },
    fleet: fabric as unknown as Fleet,
    place: { state: { drill: file }, journal: { write: (event) => void events.push(event) }, fleet: fabric },
    clocks: { ours: (_, ms) => ms, errorMs: 0 },
    traffic: { clients: ["laptop"], url: "http://172.20.0.1/", rate: 100, servers: service.servers },
    note: (text) => void notes.push(text),
  };
  return { arena, file, abort, events, notes, fabric };
}

describe("a run of a drill", () => {
  it("sees routers turn away and come back, and forgets what it has mended", async () => {
    const seen: boolean[] = [];
    const { arena, file, events, fabric } = arenaOf({ onRun: () => seen.push(existsSync(file)) });
    const observed = await runOnce(arena, fault);
    expect(fabric.ran).toEqual(["server02 break", "server02 mend"]);
    // What would mend it was on disk before it was broken, and until it was mended.
    expect(seen).toEqual([true, true]);
    expect(existsSync(file)).toBe(false);
    expect(events.map(({ event, ...rest }) => `${event} ${"act" in rest ? rest.act : ""}`)).toEqual([
      "begin drill: server02 breaks",
      "done drill: server02 breaks",
      "begin drill: mend: server02 breaks",
      "done drill: mend: server02 breaks",
    ]);
    expect(momentsOf(observed)).toMatchObject({ detectedMs: 0, leafMs: 0, spineMs: 0, backMs: 0 });
    expect(observed).toMatchObject({ sent: 1, counted: { spine01: { expired: 0, forwarded: 0 } } });
    expect(observed.wholeMs).toBeGreaterThan(observed.repairMs);
  });

  it("waits twice the time that routers have, and mends whatever they did", async () => {
    const { arena, fabric } = arenaOf({ stubborn: true });
    const observed = await runOnce(arena, fault);
    expect(observed.repairMs - observed.faultMs).toBeGreaterThanOrEqual(2 * fault.turnWithinMs);
    expect(momentsOf(observed)).not.toHaveProperty("turnedMs");
    expect(fabric.ran).toContain("server02 mend");
  });

  it("mends at once when it is interrupted, and is not interrupted in that", async () => {
    const { arena, abort, file, fabric, notes } = arenaOf({ onRun: (program) => program === "break" && abort.abort() });
    await expect(runOnce(arena, fault)).rejects.toMatchObject({ code: "E_INTERRUPTED", exitCode: 130 });
    expect(fabric.ran).toEqual(["server02 break", "server02 mend"]);
    expect(existsSync(file)).toBe(false);
    expect(notes).toContain("server02 breaks: mends it");
  });

  it("mends a fault that could be made in part only, and says what failed", async () => {
    const { arena, file, fabric } = arenaOf({ exitCodes: { break: 3 } });
    await expect(runOnce(arena, fault)).rejects.toMatchObject({
      code: "E_DRILL_FAULT",
      message: "server02: the fault could not be made: break: exit code 3: it says why",
    });
    expect(fabric.ran).toEqual(["server02 break", "server02 mend"]);
    expect(existsSync(file)).toBe(false);
  });

  it("mends over a new connection where one is lost, and gives up in the end", async () => {
    const some = arenaOf({ lost: 4 });
    await runOnce(some.arena, fault);
    expect(some.fabric.ran).toEqual(["server02 break", "server02 mend"]);
    const all = arenaOf({ lost: 5 });
    await expect(runOnce(all.arena, fault)).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
    expect(existsSync(all.file)).toBe(true);
  });

  it("starts bgpd anew where routers do not come back, and does not call that a recovery", async () => {
    const { arena, file, fabric } = arenaOf({ backBy: "pkill" });
    const observed = await runOnce(arena, fault);
    expect(observed).not.toHaveProperty("wholeMs");
    expect(fabric.ran.slice(0, 3)).toEqual(["server02 break", "server02 mend", "server02 pkill"]);
    expect(existsSync(file)).toBe(false);
  });

  it("keeps on record what nothing could mend, for the next to try", async () => {
    const { arena, file, notes } = arenaOf({ backBy: "nothing" });
    await expect(runOnce(arena, fault)).rejects.toMatchObject({
      code: "E_NOT_MENDED",
      message: "spine01, leaf02: no planned routes 30 s after the repair, and bgpd's new start",
    });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      title: "server02 breaks",
      node: "server02",
      repair: [["mend"]],
    });
    expect(notes.filter((note) => note.includes("starts bgpd anew"))).toHaveLength(2);
  });

  it("breaks nothing where requests end by themselves, or routers are not as planned", async () => {
    const client = arenaOf({ clientEnds: true });
    await expect(runOnce(client.arena, fault)).rejects.toMatchObject({
      code: "E_DRILL_CLIENT",
      message: "laptop: its requests have ended by themselves: bad option: --rate",
    });
    expect(client.fabric.ran).toEqual([]);
    const broken = arenaOf();
    await broken.fabric.batch("server02", [["break"]]);
    await expect(runOnce(broken.arena, fault)).rejects.toMatchObject({
      code: "E_DRILL_NOT_STEADY",
      exitCode: 5,
      message: "not steady before the drill: spine01 sends to swp3, not to swp3, swp4",
    });
    expect(broken.fabric.ran).toEqual(["server02 break"]);
  });
});

describe("what a killed drill has left", () => {
  it("is mended by the next, once", async () => {
    const killed = arenaOf({ backBy: "nothing" });
    await expect(runOnce(killed.arena, fault)).rejects.toMatchObject({ code: "E_NOT_MENDED" });
    const { plan, clock, note } = killed.arena;
    const next = drillFabric();
    await next.batch("server02", [["break"]]);
    const healing = { plan, clock, note, place: { ...killed.arena.place, fleet: next } };
    expect(await healNow(healing)).toBe("server02 breaks");
    expect(next.ran).toEqual(["server02 break", "server02 mend"]);
    expect(await healNow(healing)).toBeUndefined();
  });

  it("is an error that says the way out where the record is damaged", async () => {
    const { arena, file } = arenaOf();
    const { writeFileSync } = await import("node:fs");
    for (const text of ["", "{}", '{"title":"x","node":"server02","repair":[[]]}']) {
      writeFileSync(file, text);
      await expect(readPending(arena.place.state)).rejects.toMatchObject({ code: "E_DRILL_FILE" });
    }
  });
});
