import type { State } from "./state.ts";

/** Where the state of a run lives; what a commit has resolved for survives the process. */
export interface Store {
  readonly state: State;
  commit(transition: (state: State) => State): Promise<void>;
  /** Changes the state at once; on disk with the next commit. Only for what the next run finds out again by itself. */
  note(transition: (state: State) => State): void;
}

/** A state that is forgotten with the process: for working out what a run would do. */
export class MemoryStore implements Store {
  state: State;

  constructor(state: State) {
    this.state = state;
  }

  commit(transition: (state: State) => State): Promise<void> {
    this.note(transition);
    return Promise.resolve();
  }

  note(transition: (state: State) => State): void {
    this.state = transition(this.state);
  }
}
