import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the package is installed. The built program lies less deep in it than its sources. */
export const packageFolder = folderAbove(import.meta.dirname);

function folderAbove(folder: string): string {
  const isPackage = existsSync(join(folder, "package.json"));
  return isPackage || folder === dirname(folder) ? folder : folderAbove(dirname(folder));
}
