import type { State } from "./state.ts";

/** Where the state of a run lives; what a commit has resolved for survives the process. */
export interface Store {
  readonly state: State;
  commit(transition: (state: State) => State): Promise<void>;
}

/** A state that is forgotten with the process: for working out what a run would do. */
export class MemoryStore implements Store {
  state: State;

  constructor(state: State) {
    this.state = state;
  }

  commit(transition: (state: State) => State): Promise<void> {
    this.state = transition(this.state);
    return Promise.resolve();
  }
}
