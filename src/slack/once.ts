import type { Width } from "./rows.ts";

/**
 * Renders each part once for each width. A notice is tried in many messages before it is sent in one, and reads the
 * same in all of them; what is remembered goes with the notice.
 */
export function once<Part extends object, Rendered>(
  render: (part: Part, width: Width) => Rendered,
): (part: Part, width: Width) => Rendered {
  const known = new WeakMap<Part, Map<Width, Rendered>>();
  return (part, width) => {
    const byWidth = known.get(part) ?? new Map<Width, Rendered>();
    const rendered = byWidth.get(width) ?? render(part, width);
    known.set(part, byWidth.set(width, rendered));
    return rendered;
  };
}
