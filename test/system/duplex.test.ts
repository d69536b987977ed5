import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { localExec } from "../../src/system/exec.ts";
import { isRunning, until } from "../fakes/processes.ts";

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

describe("a process as a stream", () => {
  it("gives back what it is given, to the byte, and ends when its input does", async () => {
    const stream = localExec.duplex([fixture("echo.sh")]);
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256));
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.end(bytes);
    await once(stream, "close");
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it("waits with reading until somebody takes what there is", async () => {
    const stream = localExec.duplex(["sh", "-c", "head -c 1000000 /dev/zero"]);
    await once(stream, "readable");
    let total = 0;
    for await (const chunk of stream) total += (chunk as Buffer).length;
    expect(total).toBe(1_000_000);
  });

  it("is killed with the stream, whatever it would rather do, with all it has started", async () => {
    const stream = localExec.duplex(["sh", "-c", 'trap "" TERM HUP; sleep 30 & echo $! $$; wait; sleep 30']);
    const [line] = (await once(stream, "data")) as [Buffer];
    const pids = line.toString().trim().split(" ").map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    stream.destroy();
    await until(() => !pids.some(isRunning));
  });

  it("ends the stream when it ends, and writing to it then is an error of the stream, not of the program", async () => {
    const stream = localExec.duplex(["sh", "-c", "exit 3"]);
    const errors: unknown[] = [];
    stream.on("error", (error) => errors.push(error));
    stream.resume();
    stream.write("x".repeat(200_000));
    await once(stream, "close").catch(() => undefined);
    expect(errors.length).toBeLessThanOrEqual(1);
  });

  it("says so when the program is missing", async () => {
    const [error] = (await once(localExec.duplex(["/no/such/program"]), "error")) as [Error];
    expect(error.message).toContain("/no/such/program ENOENT");
  });
});
