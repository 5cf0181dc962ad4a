/** What a record looked like when it was last read. */
export interface Watched {
  /** Hash of the header fields that a feed shows. */
  readonly header: string;
  /** Sage's name of the status. */
  readonly status: string;
  /** Revision of each entry that has been announced. */
  readonly entries: Readonly<Record<string, string>>;
  /** False while nothing of it has been announced: an empty batch, a status nobody asked for. */
  readonly announced: boolean;
}

/** Up to where one source of one company has been read. */
export interface Position {
  /** Per selector (`PY`, `AD`, or `""`): the highest number whose window was read to its end. */
  readonly highWater: Readonly<Record<string, string>>;
  /** Records that are not final yet, by record. */
  readonly watch: Readonly<Record<string, Watched>>;
}
