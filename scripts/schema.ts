/** `npm run schema`: writes the JSON Schema that editors use for `*.lab.yaml` files. */
import { writeFileSync } from "node:fs";
import { topologyJsonSchema } from "../src/topology/json-schema.ts";

writeFileSync(new URL("../topologies/topology.schema.json", import.meta.url), topologyJsonSchema());
