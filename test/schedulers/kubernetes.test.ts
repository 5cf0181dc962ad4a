import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { installPackage } from "../support/installed-program.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld } from "../support/world.ts";

const examples = join(import.meta.dirname, "../../examples");
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stderr.write("Kubernetes' file rights are not tried: only root can make files of other users\n");

/** The user and group of `examples/kubernetes.yaml`. */
const id = 10_001;

/** As the kubelet mounts a secret or a ConfigMap for a pod with `fsGroup`: links to files of root, of that group. */
async function mountReadOnly(
  path: string,
  mode: number,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const data = join(path, "..2026_11_25");
  await mkdir(data, { recursive: true });
  await symlink("..2026_11_25", join(path, "..data"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(data, name), content);
    await chmod(join(data, name), mode);
    await chown(join(data, name), 0, id);
    await symlink(join("..data", name), join(path, name));
  }
  await chown(data, 0, id);
  await chmod(data, 0o2755);
  // The mount itself can be written to by everybody, and only the owner of a name can change it.
  await chmod(path, 0o3777);
}

test.runIf(isRoot)(
  "a pod of the manifest may read its mounts and keep its state, run after run",
  async () => {
    await using directory = await temporaryDirectory();
    const binary = await installPackage(directory.path);
    const [, entry = ""] =
      /^ENTRYPOINT .*"\/usr\/local\/(.*)"\]$/m.exec(
        await readFile(join(examples, "Containerfile"), "utf8"),
      ) ?? [];
    expect(binary).toBe(join(directory.path, entry));
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    const config = JSON.parse(await readFile(join(world.directory, "sage-slack.json"), "utf8")) as object;
    const at = (path: string) => join(directory.path, path);
    const [configMap, , job] = parseAllDocuments(await readFile(join(examples, "kubernetes.yaml"), "utf8"), {
      version: "1.1",
    }).map((document) => document.toJS() as unknown);
    const { data } = z.object({ data: z.object({ "sage-slack.json": z.string() }) }).parse(configMap);
    const { stateDir } = JSON.parse(data["sage-slack.json"]) as { stateDir: string };

    await mountReadOnly(at("config"), 0o444, {
      "sage-slack.json": JSON.stringify({ ...config, stateDir: at(stateDir) }),
    });
    await mountReadOnly(at("secrets"), 0o440, {
      "sage-user": "webapi",
      "sage-password": "webapi",
      "slack-token": world.slack.token,
    });
    await mkdir(at("state"));
    await chown(at("state"), 0, id);
    await chmod(at("state"), 0o2775);
    const env = Object.fromEntries(
      [...JSON.stringify(job).matchAll(/"name":"(SAGE_SLACK_\w+_FILE)","value":"([^"]+)"/g)].map(
        ([, name = "", path = ""]) => [name, at(path)],
      ),
    );
    const poll = () =>
      runProgram(["poll", "--config", at("config/sage-slack.json"), "--quiet"], {
        cwd: "/",
        env: { ...env, HOME: undefined },
        binary,
        uid: id,
      });

    expect(await poll()).toEqual({ code: 0, stdout: "", stderr: "" });
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "4321.00" }] });
    expect(await poll()).toEqual({ code: 0, stdout: "", stderr: "" });

    expect(world.slack.posts.at(-1)?.text).toContain("4,321.00");
    expect((await stat(at(stateDir))).mode & 0o777).toBe(0o700);
    expect(await readdir(at("state"))).toEqual(["sage-slack"]);

    // What the manifest's comments warn of: the volume itself for a state folder, and a mount that is changed at every start.
    await chmod(at(stateDir), 0o2770);
    expect(await poll()).toMatchObject({
      code: 6,
      stderr: expect.stringContaining("others may write into") as string,
    });
  },
);
