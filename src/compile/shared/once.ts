/** A constant that is made when it is first asked for: what decoding it costs is paid only by domains that need it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
