/** A QMP command as it was sent, without its id. */
export interface Question {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What QEMU said to one command. */
export type Answer =
  | { readonly return: unknown }
  | { readonly error: { readonly class: string; readonly desc: string } };

/** One command and its answer. */
export interface Exchange {
  readonly question: Question;
  readonly answer: Answer;
}

/** All that was asked of one QEMU process, in order. */
export type ExchangeSession = readonly Exchange[];
