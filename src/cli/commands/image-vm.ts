/** `lab image list|verify|import` for guests that are virtual machines. */
import { resolve } from "node:path";
import { openImageCache } from "../../drivers/vm-bhyve/images/cache.ts";
import { catalogue, type CatalogueImage, findImage, waysTo } from "../../drivers/vm-bhyve/images/catalogue.ts";
import { importImage } from "../../drivers/vm-bhyve/images/import.ts";
import { verifyImages } from "../../drivers/vm-bhyve/images/verify.ts";
import { exitCodes, UsageError } from "../../errors.ts";
import { formatTable } from "../../report/table.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags, imageFlags } from "../flags.ts";
import { layoutOf, printJson, printLines, say } from "../output.ts";
import { startProgress } from "../progress.ts";

export async function listVmImages(context: AppContext, flags: FlagsOf<typeof globalFlags>): Promise<number> {
  const cache = cacheOf(context);
  const rows = await Promise.all(catalogue.map(async (image) => ({ image, cached: await cache.find(image.name) })));
  if (flags.json === true) {
    const values = rows.map(({ image, cached }) => ({
      ...image,
      path: cached?.path ?? null,
      record: cached?.record ?? null,
      get: waysTo(image, process.platform),
    }));
    printJson(context, values);
    return exitCodes.good;
  }
  const cells = rows.map(({ image, cached }) => [
    image.name,
    image.kinds.join(", "),
    cached === undefined ? "" : `${(cached.record.size / 1024 ** 3).toFixed(1)} GiB`,
    cached === undefined ? "" : cached.record.made.slice(0, 10),
    cached?.path ?? `no: ${waysTo(image, process.platform)[0] ?? ""}`,
  ]);
  const columns = ["IMAGE", "KINDS", "SIZE", "MADE", "FILE"].map((title) => ({ title }));
  const table = { columns, rows: cells.map((row) => row.map((text) => ({ text }))) };
  printLines(context, formatTable(table, layoutOf(context)));
  return exitCodes.good;
}

export async function runImageVerify(context: AppContext, flags: FlagsOf<typeof imageFlags>): Promise<number> {
  refuseNetns(flags, "verify");
  const chosen = flags.kind === undefined ? catalogue : [chooseImage(flags.kind)];
  const progress = startProgress(context, flags);
  const verdicts = await verifyImages(
    chosen,
    cacheOf(context),
    (percent, doing) => progress.show(percent, doing),
    context.world.signal,
  ).finally(() => progress.end());
  const bad = verdicts.filter(({ status }) => status === "changed");
  if (flags.json === true) printJson(context, verdicts);
  else {
    const columns = [{ title: "IMAGE" }, { title: "STATUS" }, { title: "SHA256" }];
    const rows = verdicts.map(({ image, status, sha256 = "" }) =>
      [image, status, sha256.slice(0, 16)].map((text) => ({ text })),
    );
    printLines(context, formatTable({ columns, rows }, layoutOf(context)));
    for (const { image, path = "" } of bad) {
      say(context, `${path} is not what was put there\n  → rm ${path}, then ${ways(image)}`);
    }
  }
  return bad.length === 0 ? exitCodes.good : exitCodes.checkFailed;
}

function ways(name: string): string {
  const image = findImage(name);
  return image === undefined ? "" : waysTo(image, process.platform).join(", then ");
}

export async function runImageImport(
  context: AppContext,
  flags: FlagsOf<typeof imageFlags>,
  [file]: readonly string[],
): Promise<number> {
  refuseNetns(flags, "import");
  if (file === undefined || flags.kind === undefined) {
    throw new UsageError({
      code: "E_IMPORT",
      message: "image import needs a file and what it is an image of",
      hint: `lab image import FILE --kind ${names()}`,
    });
  }
  const image = chooseImage(flags.kind);
  const progress = startProgress(context, flags);
  const imported = await importImage(image, resolve(context.cwd, file), {
    exec: context.world.exec,
    cache: cacheOf(context),
    signal: context.world.signal,
    onProgress: (percent, doing) => progress.show(percent, doing),
  }).finally(() => progress.end());
  for (const remark of imported.remarks) say(context, `${image.name}: ${remark}`);
  if (flags.json === true) printJson(context, imported);
  else printLines(context, [imported.path]);
  return exitCodes.good;
}

export function cacheOf({ cache, world }: AppContext) {
  return openImageCache(cache, world.clock);
}

export function chooseImage(name: string): CatalogueImage {
  const image = findImage(name);
  if (image !== undefined) return image;
  throw new UsageError({ code: "E_IMAGE_KIND", message: `there is no image ${name}`, hint: names() });
}

function names(): string {
  return catalogue.map(({ name }) => name).join("|");
}

/** Guests in namespaces share one root directory, which is built and never brought along. */
function refuseNetns({ hypervisor }: { readonly hypervisor?: string }, command: string): void {
  if (hypervisor !== "netns") return;
  throw new UsageError({
    code: "E_IMAGE_NETNS",
    message: `image ${command} is for vm-bhyve: netns has one image, which lab image build makes`,
    hint: "--hypervisor vm-bhyve",
  });
}
