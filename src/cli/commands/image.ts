/** `lab image list` and `lab image build` */
import { exitCodes } from "../../errors.ts";
import { formatTable } from "../../report/table.ts";
import { readTextOr } from "../../system/files.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags, imageFlags } from "../flags.ts";
import { layoutOf, printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";
import { chooseHypervisor } from "../where.ts";

type Flags = FlagsOf<typeof globalFlags>;

export async function runImageList(context: AppContext, flags: Flags): Promise<number> {
  if (chooseHypervisor(flags) === "vm-bhyve") {
    return (await import("./image-vm.ts")).listVmImages(context, flags);
  }
  const { image } = await context.images();
  const versions = await readTextOr(image.lock, undefined);
  const frr = versions
    ?.split("\n")
    .find((line) => line.startsWith("frr "))
    ?.slice(4);
  const row = { name: image.name, built: versions !== undefined, frr, root: image.root };
  if (flags.json === true) {
    printJson(context, [{ ...row, packages: versions?.trim().split("\n") ?? [] }]);
  } else {
    const columns = [{ title: "IMAGE" }, { title: "BUILT" }, { title: "FRR" }, { title: "ROOT" }];
    const texts = [row.name, row.built ? "yes" : "no: lab image build", frr ?? "", row.root];
    printLines(context, formatTable({ columns, rows: [texts.map((text) => ({ text }))] }, layoutOf(context)));
  }
  return exitCodes.good;
}

export async function runImageBuild(context: AppContext, flags: FlagsOf<typeof imageFlags>): Promise<number> {
  if (chooseHypervisor(flags) === "vm-bhyve") {
    return (await import("./image-vm-build.ts")).buildVmImages(context, flags);
  }
  const images = await context.images();
  const progress = startProgress(context, flags);
  const image = await images.build((percent, doing) => progress.show(percent, doing)).finally(() => progress.end());
  if (flags.json === true) printJson(context, image);
  else printLines(context, [image.root]);
  return exitCodes.good;
}
