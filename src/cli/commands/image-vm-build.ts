/** `lab image build` for guests that are virtual machines: what can be fetched or built on this machine. */
import { join } from "node:path";
import type { CachedImage } from "../../drivers/vm-bhyve/images/cache.ts";
import { catalogue, type CatalogueImage, waysTo } from "../../drivers/vm-bhyve/images/catalogue.ts";
import { buildDebian } from "../../drivers/vm-bhyve/images/debian.ts";
import { buildFreeBsdServer } from "../../drivers/vm-bhyve/images/freebsd.ts";
import { fetchImage } from "../../drivers/vm-bhyve/images/fetch.ts";
import type { OnProgress } from "../../drivers/vm-bhyve/images/progress.ts";
import { exitCodes, HostError, UsageError } from "../../errors.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { imageFlags } from "../flags.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";
import { cacheOf, chooseImage } from "./image-vm.ts";

/** Without `--kind`, all that guests are copied from and this machine can make. */
export async function buildVmImages(context: AppContext, flags: FlagsOf<typeof imageFlags>): Promise<number> {
  const chosen =
    flags.kind === undefined
      ? catalogue.filter((image) => image.kinds.length > 0 && isMadeHere(image))
      : [chooseImage(flags.kind)];
  const progress = startProgress(context, flags);
  const made: CachedImage[] = [];
  try {
    for (const image of chosen) {
      made.push(await make(context, image, (percent, doing) => progress.show(percent, `${image.name}: ${doing}`)));
    }
  } finally {
    progress.end();
  }
  if (flags.json === true) printJson(context, made);
  else
    printLines(
      context,
      made.map(({ path }) => path),
    );
  return exitCodes.good;
}

function isMadeHere({ source }: CatalogueImage): boolean {
  return source.how === "download" || (source.how === "build" && source.on === process.platform);
}

async function make(context: AppContext, image: CatalogueImage, onProgress: OnProgress): Promise<CachedImage> {
  const { source, name } = image;
  const { exec, clock, signal } = context.world;
  const cache = cacheOf(context);
  if (source.how === "download") return fetchImage({ name, source }, { exec, clock, cache, signal, onProgress });
  const { home, unprivileged } = context;
  if (source.how === "build" && isMadeHere(image)) {
    if (source.on === "freebsd")
      return buildFreeBsdServer({ exec, signal, unprivileged, home, images: cache }, onProgress);
    const assets = join(home, "images");
    return buildDebian({ exec, clock, signal, unprivileged, assets, cache: context.cache, images: cache }, onProgress);
  }
  if (source.how === "import") {
    throw new UsageError({
      code: "E_IMAGE_OWN",
      message: `${name} is an image that you bring: lab neither downloads nor builds it`,
      hint: waysTo(image, process.platform).join(", then "),
    });
  }
  throw new HostError({
    code: "E_IMAGE_ELSEWHERE",
    message: `${name} is built on ${source.on === "linux" ? "Debian or Ubuntu" : "FreeBSD, as root"}`,
    hint: waysTo(image, process.platform).join(", then "),
  });
}
