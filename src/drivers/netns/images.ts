/** The embedded image by its recipe: where it is, whether it is built, how to build it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, type Image, isBuilt, locateImage } from "./image.ts";
import { type ImageOptions, type ImageProgress, parseRecipe } from "./recipe.ts";

export interface EmbeddedImages {
  readonly image: Image;
  isBuilt(): Promise<boolean>;
  /** Builds unless it is there. */
  build(onProgress: ImageProgress): Promise<Image>;
}

export function embeddedImages(options: ImageOptions & { readonly assets: string }): EmbeddedImages {
  const recipe = parseRecipe(readFileSync(join(options.assets, "recipe.json"), "utf8"));
  const image = locateImage(recipe, options);
  return {
    image,
    isBuilt: () => isBuilt(image),
    build: (onProgress) => buildImage(recipe, options, onProgress),
  };
}
