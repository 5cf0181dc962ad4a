import { z } from "zod";

// It would write code for each schema and compile it; a run checks most of them once. And no text is run as code.
z.config({ jitless: true });

export { z };
