/** Finds a field's schema by its path, to say what it is called, what it means, and which keys stand beside it. */
import { z } from "zod";
import type { Path } from "./mistake.ts";
import { topologySchema } from "./schema.ts";
import type { Source } from "./source.ts";

/** What the schema says about the value at a path. */
export interface Outline {
  readonly title: string;
  readonly description?: string;
  /** As it would be written in a topology. */
  readonly example?: string;
  /** Keys of a map whose keys are fixed. */
  readonly keys: readonly string[];
}

/**
 * Always answers: for a path the schema does not know, with what it knows above. Where several forms are allowed, the
 * form of this type is described.
 */
export function outlineAt(path: Path, type?: Source["type"]): Outline {
  let schemas: readonly z.core.$ZodType[] = [topologySchema];
  for (const step of path) {
    const next = schemas.flatMap(alternatives).flatMap((schema) => stepInto(schema, step));
    if (next.length === 0) break;
    schemas = next;
  }
  const narrow = type === undefined ? [] : schemas.flatMap(alternatives).filter((schema) => typeOf(schema) === type);
  return describe([...schemas.filter((schema) => schema instanceof z.ZodOptional), ...narrow, ...schemas]);
}

function typeOf(schema: z.core.$ZodType): Source["type"] {
  if (schema instanceof z.ZodArray || schema instanceof z.ZodTuple) return "list";
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord ? "mapping" : "scalar";
}

function describe(schemas: readonly z.core.$ZodType[]): Outline {
  const metas = schemas.flatMap(layers).map((schema) => z.globalRegistry.get(schema) ?? {});
  const description = metas.map((meta) => meta.description).find((text) => text !== undefined);
  const [example] = metas.flatMap((meta) => (Array.isArray(meta["examples"]) ? meta["examples"] : []));
  return {
    title: metas.map((meta) => meta.title).find((title) => title !== undefined) ?? "value",
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example: writeExample(example) }),
    keys: [...new Set(schemas.flatMap(alternatives).flatMap(keysOf))],
  };
}

function keysOf(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : [];
}

/** A schema and what it wraps, outermost first: a description may be inside or outside of `optional`. */
function layers(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  return schema instanceof z.ZodOptional ? [schema, ...layers(schema.def.innerType)] : [schema];
}

function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.def.innerType);
  return schema instanceof z.ZodUnion ? schema.options.flatMap(alternatives) : [schema];
}

function stepInto(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, step) ? [schema.shape[step] as z.core.$ZodType] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.core.$ZodType];
  if (schema instanceof z.ZodArray && typeof step === "number") return [schema.element];
  if (schema instanceof z.ZodTuple && typeof step === "number") return schema.def.items.slice(step, step + 1);
  return [];
}

/** Quotes only where YAML needs them: `[leaf01:swp6, server01:em1]`, `"65000.1"`, `58:9c:fc:00:5e:43`. */
function writeExample(example: unknown): string {
  if (Array.isArray(example)) return `[${example.map(writeExample).join(", ")}]`;
  if (typeof example === "object" && example !== null) {
    const entries = Object.entries(example).map(([key, value]) => `${key}: ${writeExample(value)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return String(example);
}
