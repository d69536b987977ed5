import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listLabs, locateState } from "../../src/flow/state.ts";
import { makePlace } from "../fakes/place.ts";

describe("the labs of a directory", () => {
  it("are the folders that a lab can be called, and nothing else that lies there", async () => {
    const place = makePlace();
    for (const folder of ["duo", "my-lab", "lost+found", "Upper"]) mkdirSync(join(place, folder));
    mkdirSync(join(locateState(place, "duo").report, ".."));
    writeFileSync(join(place, "duo.lock"), "");
    expect((await listLabs(place)).toSorted()).toEqual(["duo", "my-lab"]);
  });

  it("are none where there is no directory", async () => {
    expect(await listLabs(join(makePlace(), "absent"))).toEqual([]);
  });
});
