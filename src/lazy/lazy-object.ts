import { once } from './once.ts';

/** A plain object that is made when something in it is first asked for. */
export function lazyObject<T extends object>(make: () => T): T {
  const made = once(make);
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(made(), key),
    has: (_, key) => Reflect.has(made(), key),
    ownKeys: () => Reflect.ownKeys(made()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(made(), key),
  });
}
