/** The JSON Schema of topology files, for editors: the same schema that `lab` checks with, in another language. */
import { z } from "zod";
import { topologySchema } from "./schema.ts";

/** Draft 7, the newest that the YAML language server knows in full. */
export function topologyJsonSchema(): string {
  const schema = z.toJSONSchema(topologySchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      // No JSON Schema draft has this format; the pattern beside it says the same.
      if (jsonSchema.format === "cidrv4") delete jsonSchema.format;
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
