/** Loaded into the program with `--import`: it takes the machine for Windows where it asks which one it is. */
Object.defineProperty(process, "platform", { value: "win32" });
