// Loaded into the program before it starts: tells afterwards how much memory it had at most, in kilobytes.
const { writeFileSync } = require("node:fs");

process.on("exit", () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS)));
