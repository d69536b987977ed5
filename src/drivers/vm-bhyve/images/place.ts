/** Images from the cache of this machine to the hypervisor, where guests' disks are made of them. */
import type { Plan } from "../../../plan/model.ts";
import type { Act, Placing, Wave } from "../../driver.ts";
import type { VmHost } from "../host.ts";
import type { CachedImage, ImageCache } from "./cache.ts";
import { waysTo } from "./catalogue.ts";
import { freezeImage, letGo, retire } from "./frozen.ts";
import {
  currentOf,
  imagesFor,
  type ImageSeen,
  isCopied,
  isNowhere,
  lookAtImages,
  pathOf,
  recordPathOf,
} from "./look.ts";

/**
 * The acts that put there what the cache has and the hypervisor lacks, and what was made anew since. Guests have disks of their
 * own, so an image may be replaced under them. What somebody else has put there stays.
 */
export async function placeImages(host: VmHost | undefined, plan: Plan, cache: ImageCache): Promise<Placing> {
  const seen = await lookAtImages(host, imagesFor(plan), cache);
  const nowhere = seen.filter(isNowhere).map(({ image }) => {
    return `there is no image ${image.name} here: ${waysTo(image, process.platform).join(", then ")}`;
  });
  const place = host?.dataset === undefined ? placeFile : placeFrozen;
  return {
    remarks: [...(host === undefined ? [plainDirectory] : []), ...nowhere],
    waves: seen.flatMap((one) => place(one, putOn(host))),
  };
}

/** Of a dry run. */
const plainDirectory =
  "no vm-bhyve is set up here, so this is for a vm_dir that is a directory; where it is zfs:POOL/DATASET, disks are clones";

type Put = (does: string, from: string, to: string) => Act;

/** How people see it: the command says which file comes from where. */
function putOn(host: VmHost | undefined): Put {
  const name = host?.name;
  return (does, from, to) => ({
    does,
    argv: name === undefined ? ["cp", from, to] : ["scp", from, `${name}:${to}`],
    puts: { from, to },
  });
}

function placeFile({ image, cached, isFile, record }: ImageSeen, put: Put): readonly Wave[] {
  if (cached === undefined || (isFile && (record === undefined || isSame(record, cached)))) return [];
  const file = put(`put ${image.name} on the hypervisor`, cached.path, pathOf(image));
  const note = put(`put the record of ${image.name} on the hypervisor`, cached.recordPath, recordPathOf(image));
  // Whatever comes in between, no image is there without a record, nor under that of a later one.
  return isFile ? [[file], [note]] : [[note], [file]];
}

function placeFrozen(seen: ImageSeen, put: Put): readonly Wave[] {
  const { image, cached, isFile, frozen } = seen;
  const current = currentOf(seen);
  const left = frozen.filter(({ isCurrent, isGoing }) => !isCurrent && !isGoing).flatMap(letGo);
  const isWanted = cached !== undefined && !isCopied(seen) && !isSame(current, cached);
  const made = isWanted
    ? freezeImage(cached, (path) => put(`put ${image.name} on the hypervisor`, cached.path, path))
    : [];
  const former = isWanted && current !== undefined ? retire(current) : [];
  // What lab has put there before it made clones; in this order, no file is there without its record.
  const file = isFile && !isCopied(seen) ? [removeFile(seen)] : [];
  return [...left, ...former, ...made, ...file];
}

function removeFile({ image }: ImageSeen): Wave {
  const argv = ["rm", "-f", pathOf(image), recordPathOf(image)];
  return [{ does: `remove the file of ${image.name}, of which disks are clones now`, argv, timeoutMs: 60_000 }];
}

function isSame(one: { readonly sha256: string } | undefined, { record }: CachedImage): boolean {
  return one?.sha256 === record.sha256;
}
