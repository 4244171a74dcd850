import picocolors from 'picocolors';

/** Colours for a stream that a person reads: a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function coloursFor(stream: NodeJS.WriteStream): ReturnType<typeof picocolors.createColors> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return picocolors.createColors(Boolean(FORCE_COLOR) || (stream.isTTY === true && !NO_COLOR));
}
