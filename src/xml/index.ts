export { CAUSE, SOURCE, type Sourced, type Where, whereIs, XmlElement, XmlSource } from './element.ts';
export { xmlErrors } from './errors.ts';
export { parseXml, QEMU_NAMESPACE } from './parse.ts';
export { type OutElement, printXml, verbatim } from './print.ts';
