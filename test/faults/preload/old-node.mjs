/** Loaded into the program with `--import`: Node.js claims to be of the version in NODE_CLAIMS. */
Object.defineProperty(process.versions, "node", { value: process.env["NODE_CLAIMS"] });
