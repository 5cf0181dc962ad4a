import type { IsoDate } from "./date.ts";
import type { NumberRanges } from "./number-ranges.ts";

/** What a record looked like when it was last read. */
export interface Watched {
  /** Hash of the header fields that a feed shows. */
  readonly header: string;
  /** Sage's name of the status, or the one derived for an order; empty where it is not known any more. */
  readonly status: string;
  /** Nothing is expected to change; still looked at while its dates lie in the look-back window. */
  readonly isFinal: boolean;
  /** Revision of each entry. */
  readonly entries: Readonly<Record<string, string>>;
  /** False while nothing of it has been announced: an empty batch, a status nobody asked for. */
  readonly announced: boolean;
  /** Day of its last edit, where Sage says it; not kept by older versions. */
  readonly edited?: IsoDate | null;
  /** What was shown, sealed, so that a change can be told with the old value. */
  readonly shown?: string;
  /** Sage did not find it when it was asked for last. */
  readonly isMissing?: true;
}

/** Of a record that was seen and is not watched any more: what it said is not known. */
export const unknownBefore: Watched = {
  header: "",
  status: "",
  isFinal: false,
  entries: {},
  announced: true,
};

/** Up to where one source of one company has been read. */
export interface Position {
  /** Per selector (`PY`, `AD`, or `""`): the highest number whose window was read to its end. */
  readonly highWater: Readonly<Record<string, string>>;
  /** Per selector: every number that has been seen. What is missing in between may still come. */
  readonly known: Readonly<Record<string, NumberRanges>>;
  /** Records that may still change, by record. */
  readonly watch: Readonly<Record<string, Watched>>;
  /** Entry of an error batch -> the entry it was copied from, both as `<record>:<entry>`, until the copy is seen. */
  readonly copies: Readonly<Record<string, string>>;
}
