// Copies what the compiler leaves behind but the library reads when it runs: the shell scripts of lib/.
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";

for (const path of readdirSync("lib", { recursive: true })) {
  if (path.endsWith(".sh")) cpSync(join("lib", path), join("dist/lib", path));
}
