import type { Sourced } from '../../../xml/index.ts';
import type { ChardevSource, chardevType } from './schema.ts';

export type ChardevType = NonNullable<ReturnType<typeof chardevType.read>>;

/** A character device's host side as it was written: what `chardevFields` and a `type` attribute read. */
export interface ChardevXml extends Sourced {
  readonly type?: ChardevType | undefined;
  readonly source: readonly ChardevSource[];
  readonly protocol?: (Sourced & { readonly type?: ChardevProtocol | undefined }) | undefined;
  readonly log?:
    | (Sourced & { readonly file?: string | undefined; readonly append?: boolean | undefined })
    | undefined;
}

type ChardevProtocol = 'raw' | 'telnet' | 'telnets' | 'tls';

/** The same with its defaults and without what says nothing for its type (see `resolveChardev`). */
export interface Chardev extends ChardevXml {
  readonly type: ChardevType;
}

/** A UDP device's two ends: what it binds to, and where it sends. */
export function udpEnds({ source }: ChardevXml): { bind?: ChardevSource; connect?: ChardevSource } {
  const bind = source.find((s) => s.mode === 'bind');
  const connect = source.find((s) => s.mode !== 'bind');
  return { ...(bind && { bind }), ...(connect && { connect }) };
}
