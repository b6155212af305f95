// Writes the committed texts that are computed: npx tsx --conditions=@pka/source docs/generate.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMPUTABLE, GENERATED } from "./generated-texts.js";
import { ROOT } from "./shared-data.js";

for (const { file, compute } of COMPUTABLE) {
  writeFileSync(join(ROOT, file), await compute());
  console.log(file);
}
if (COMPUTABLE.length < GENERATED.length) console.log("the others need the shared data: see PKA_SHARED");
