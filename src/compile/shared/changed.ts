/**
 * `{ ...object, ...changes }` for what every device of a large domain comes through: V8 (Node 20) takes half a microsecond
 * for each property that is added to a spread object, and next to nothing for one of `Object.assign`.
 */
export function changed<T extends object, C extends object>(object: T, changes: C): T & C {
  return Object.assign({}, object, changes);
}
