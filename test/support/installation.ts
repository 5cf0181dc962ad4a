import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/**
 * A copy of the built program whose keychain is a file, `<HOME>/keychain.json`: what it stores and asks for can be
 * seen, and machines without a keychain can run it.
 *
 * @returns the path of its binary
 */
export async function installWithKeychain(directory: string): Promise<string> {
  const modules = join(directory, "node_modules");
  await mkdir(join(modules, "keytar"), { recursive: true });
  for (const part of ["bin", "dist", "package.json"]) {
    await cp(join(root, part), join(directory, part), { recursive: true });
  }
  for (const name of await readdir(join(root, "node_modules"))) {
    if (name !== "keytar" && !name.startsWith(".")) {
      await symlink(join(root, "node_modules", name), join(modules, name));
    }
  }
  const manifest = { name: "keytar", type: "module", exports: "./index.js" };
  await writeFile(join(modules, "keytar/package.json"), JSON.stringify(manifest));
  await writeFile(join(modules, "keytar/index.js"), keychainInAFile);
  return join(directory, "bin/sage-slack.js");
}

const keychainInAFile = `
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const path = join(process.env.HOME, "keychain.json");
const read = () => { try { return JSON.parse(readFileSync(path, "utf8")); } catch { return {}; } };
const write = (entries) => writeFileSync(path, JSON.stringify(entries));
export default {
  getPassword: async (service, account) => read()[service + " " + account] ?? null,
  setPassword: async (service, account, value) => write({ ...read(), [service + " " + account]: value }),
  deletePassword: async (service, account) => {
    const { [service + " " + account]: found, ...others } = read();
    write(others);
    return found !== undefined;
  },
};
`;

/** Every file below a folder as text, by path. */
export async function filesBelow(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path, await readFile(path, "utf8"));
  }
  return files;
}
