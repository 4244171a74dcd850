export {
  bigInteger,
  type Codec,
  hex,
  integer,
  mac,
  oneOf,
  onOff,
  string,
  uuid,
  yesNo,
} from './codec.ts';
export { Reader } from './context.ts';
export {
  type ElementSchema,
  element,
  type Read,
  type ReadFields,
  type Shape,
  variants,
} from './element-schema.ts';
export {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  childTexts,
  type Field,
  flag,
  mixedChildren,
  raw,
  required,
  text,
} from './field.ts';
export { unless } from './unless.ts';
