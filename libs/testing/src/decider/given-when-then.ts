/** A pure decision and how facts change what it looks at. Answers are values, not exceptions. */
export interface Decider<State, Command, Fact, Answer> {
  readonly initial: State;
  evolve(state: State, fact: Fact): State;
  decide(state: State, command: Command): Answer;
}

/**
 * `given(decider)(facts).when(command).then(answer)`: the facts so far, what is asked, what comes
 * of it. `then` compares as jest's `toEqual`; `thenState` folds more facts and shows the state.
 */
export function given<State, Command, Fact, Answer>(
  decider: Decider<State, Command, Fact, Answer>,
): (...facts: Fact[]) => Given<State, Command, Fact, Answer> {
  return (...facts) => {
    const state = facts.reduce((s, fact) => decider.evolve(s, fact), decider.initial);
    return {
      state,
      when(command) {
        const answer = decider.decide(state, command);
        return {
          answer,
          then: (expected) => expect(answer).toEqual(expected),
          thenState: (settled, expected) =>
            expect(settled.reduce((s, fact) => decider.evolve(s, fact), state)).toEqual(expected),
        };
      },
    };
  };
}

interface Given<State, Command, Fact, Answer> {
  readonly state: State;
  when(command: Command): {
    readonly answer: Answer;
    then(expected: Answer): void;
    thenState(facts: readonly Fact[], expected: State): void;
  };
}
