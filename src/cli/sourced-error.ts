/** An error together with the text that its diagnostics point into, so that the lines can be shown. */
export class SourcedError extends Error {
  readonly inner: unknown;
  readonly source: string;

  constructor(inner: unknown, source: string) {
    super('error with source', { cause: inner });
    this.inner = inner;
    this.source = source;
  }
}

/** Runs `action`; what it throws is told with the lines of `source`. */
export async function withSource<T>(source: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof SourcedError ? error : new SourcedError(error, source);
  }
}
