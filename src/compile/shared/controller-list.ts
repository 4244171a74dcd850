import { changed } from './changed.ts';
/** What decides a controller's place in the list. */
export interface ListedController {
  readonly type: string;
  /** Undefined until it is numbered. */
  readonly index?: number | undefined;
  readonly model?: string | undefined;
  readonly master?: unknown;
}

const COMPANIONS: ReadonlySet<string> = new Set(['ich9-uhci1', 'ich9-uhci2', 'ich9-uhci3']);

/** Whether a USB controller serves the slow devices on another one's ports. */
export function isCompanion(controller: ListedController): boolean {
  return controller.master !== undefined || isCompanionModel(controller.model);
}

/** Whether a USB controller's model is one of the ICH9's companions. */
export function isCompanionModel(model: string | undefined): boolean {
  return COMPANIONS.has(model ?? '');
}

/**
 * The list with `controller` in its place: controllers of a type stand together where they were not written apart, by index,
 * a USB master before its companions. One that has no index yet comes last, and others are put behind it.
 */
export function insertController<C extends ListedController>(
  list: readonly C[],
  controller: C,
): readonly C[] {
  const later = list.findIndex((other) => other.type === controller.type && comesBefore(controller, other));
  const last = list.findLastIndex((other) => other.type === controller.type);
  const at = later >= 0 ? later : last >= 0 ? last + 1 : list.length;
  return [...list.slice(0, at), controller, ...list.slice(at)];
}

function comesBefore(a: ListedController, b: ListedController): boolean {
  if (a.index === undefined || b.index === undefined) return false;
  if (a.index !== b.index) return a.index < b.index;
  return a.type === 'usb' && !isCompanion(a) && isCompanion(b);
}

type Numbered<C> = C & { readonly index: number };

/**
 * The list with every index filled in: of an ICH9 USB controller that of the ICH9 one before it, if that set lacks this
 * model yet; of any other the lowest of its type that is free.
 */
export function numberControllers<C extends ListedController>(list: readonly C[]): readonly Numbered<C>[] {
  const used = new Map<string, Set<number>>();
  const indexesOf = (type: string) => {
    const known = used.get(type) ?? new Set();
    used.set(type, known);
    return known;
  };
  for (const { type, index } of list) if (index !== undefined) indexesOf(type).add(index);
  const numbered: Numbered<C>[] = [];
  for (const controller of list) {
    const index =
      controller.index ?? indexOfSet(controller, numbered) ?? lowestFree(indexesOf(controller.type));
    indexesOf(controller.type).add(index);
    numbered.push(changed(controller, { index }) as Numbered<C>);
  }
  return mastersFirst(numbered);
}

function lowestFree(taken: ReadonlySet<number>): number {
  let index = 0;
  while (taken.has(index)) index++;
  return index;
}

const isIch9 = ({ type, model }: ListedController): boolean =>
  type === 'usb' && model?.startsWith('ich9-') === true;

/** The index of the set of ICH9 controllers that `controller` completes, if the USB controller before it is of one. */
function indexOfSet(
  controller: ListedController,
  before: readonly Numbered<ListedController>[],
): number | undefined {
  if (!isIch9(controller)) return undefined;
  const last = before.findLast(({ type }) => type === 'usb');
  if (last === undefined || !isIch9(last)) return undefined;
  const isTaken = before.some((c) => isIch9(c) && c.index === last.index && c.model === controller.model);
  return isTaken ? undefined : last.index;
}

/** A USB master that was written behind its companions stands before them. */
function mastersFirst<C extends ListedController>(list: readonly Numbered<C>[]): readonly Numbered<C>[] {
  const ordered: Numbered<C>[] = [];
  for (const controller of list) {
    const isMaster = isIch9(controller) && !isCompanion(controller);
    const at = isMaster ? ordered.findIndex((c) => isIch9(c) && c.index === controller.index) : -1;
    ordered.splice(at < 0 ? ordered.length : at, 0, controller);
  }
  return ordered;
}
