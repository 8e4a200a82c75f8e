// `npm run schema`: writes the published JSON Schema of the sync configuration, for editors.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { syncConfigurationJsonSchema } from "../src/rules/configuration.ts";

const file = join(import.meta.dirname, "sync-configuration.schema.json");
writeFileSync(file, `${JSON.stringify(syncConfigurationJsonSchema(), null, 2)}\n`);
console.log(`wrote ${file}`);
