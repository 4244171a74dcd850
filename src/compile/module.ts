import type { ElementSchema, Field } from '../xml/schema/index.ts';
import type { Emission, EmitContext, ResolveContext, ValidateContext } from './context.ts';
import type { ParsedDomain } from './domain.ts';
import type { Connection } from './shared/connection.ts';
import type { DeviceBase, Placed } from './shared/device-base.ts';

/** One kind of element under `<devices>`: all that qdom knows of it. */
export interface DeviceModule<Xml extends DeviceBase, Dev extends Xml = Xml> {
  /** The element's name. */
  readonly kind: string;
  readonly schema: ElementSchema<Xml>;
  /** Fills in defaults; total: what is wrong is reported and something is returned all the same. */
  resolve(xml: Xml, cx: ResolveContext): Dev;
  /**
   * What the device plugs into; undefined if it needs no address. Asked by `phases/3-place`, which fills in the
   * address that is not written. All devices are resolved by then.
   */
  connect?(dev: Dev, domain: ParsedDomain): Connection | undefined;
  /** Rules of one element; changes nothing. Rules that name two kinds live in `phases/4-validate`. */
  validate?(dev: Placed<Dev>, cx: ValidateContext): void;
  /** The element in QEMU's words. */
  emit(dev: Placed<Dev>, cx: EmitContext): Emission;
}

/** One element of the domain beside `<devices>`. Its options are put in order by `phases/5-emit`. */
export interface SectionModule<Xml, Value extends Xml = Xml> {
  /** How it is read and printed; the element's name is the registry's key unless the field says otherwise. */
  readonly field: Field<Xml>;
  resolve?(xml: Xml, cx: ResolveContext): Value;
  validate?(value: Value, cx: ValidateContext): void;
}
