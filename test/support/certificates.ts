import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes real certificates with openssl, in a folder of the test. */
export class CertificateMaker {
  readonly #directory: string;
  #made = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Signed by nobody but itself; with `days` negative it has already expired. */
  async selfSigned({ name = "IP:127.0.0.1", days = 30 } = {}): Promise<Certificate> {
    return this.#make(["-x509", "-subj", "/CN=Sage Server", ...extensions(name), "-days", String(days)]);
  }

  /** An authority, and a server's certificate that it has signed. */
  async signed({ name = "IP:127.0.0.1", days = 30 } = {}): Promise<{
    authority: Certificate;
    server: Certificate;
  }> {
    const authority = await this.#make(["-x509", "-subj", "/CN=Corporate CA", "-days", "30"]);
    const request = await this.#make(["-subj", "/CN=Sage Server"]);
    const [ca, caKey, csr, ext] = await this.#files(
      authority.cert,
      authority.key,
      request.cert,
      `subjectAltName=${name}\n`,
    );
    const { stdout } = await run(
      "openssl",
      `x509 -req -in ${csr} -CA ${ca} -CAkey ${caKey} -set_serial 7 -days ${days} -extfile ${ext}`.split(" "),
    );
    return { authority, server: { key: request.key, cert: stdout } };
  }

  async #make(options: readonly string[]): Promise<Certificate> {
    const [key, cert] = [this.#path(), this.#path()];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await run("openssl", ["req", ...curve, "-keyout", key, "-out", cert, ...options]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  }

  async #files(...contents: string[]): Promise<[string, string, string, string]> {
    const paths = contents.map(() => this.#path());
    await Promise.all(paths.map((path, index) => writeFile(path, contents[index] ?? "", { mode: 0o600 })));
    const [first = "", second = "", third = "", fourth = ""] = paths;
    return [first, second, third, fourth];
  }

  #path(): string {
    this.#made += 1;
    return join(this.#directory, `openssl-${this.#made}.pem`);
  }
}

function extensions(name: string): string[] {
  return ["-addext", `subjectAltName=${name}`];
}
