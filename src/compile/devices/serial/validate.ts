import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { validateChardev } from '../../shared/chardev/index.ts';
import { serialErrors } from './errors.ts';
import { type Serial, TARGETS, targetOf } from './model.ts';

export function validateSerial(serial: Serial, cx: ValidateContext): void {
  validateChardev(serial, cx);
  validateTarget(serial, cx);
}

function validateTarget(serial: Serial, cx: ValidateContext): void {
  const { type, model } = serial.target;
  const rule = TARGETS[type];
  const needs = model === undefined ? undefined : targetOf(model);
  const where = whereIs(serial, 'target', '@type');
  if (model !== undefined && needs !== undefined && needs !== type)
    cx.report.add(
      serialErrors['wrong-model'],
      { type, model, needs },
      whereIs(serial, 'target', 'model', '@name'),
    );
  else if (rule.foreign) cx.report.add(serialErrors['foreign-target'], { type, model: model ?? '' }, where);
  else if (rule.address && serial.address !== undefined && serial.address.type !== rule.address)
    cx.report.add(
      serialErrors['wrong-address'],
      { type, address: serial.address.type, needs: rule.address },
      whereIs(serial, 'address', '@type'),
    );
}
