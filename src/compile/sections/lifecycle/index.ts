import { defineErrors } from '../../../errors/index.ts';
import type { OnCrash, OnPoweroff } from '../../../plan/plan.ts';
import { whereIs } from '../../../xml/index.ts';
import { childText, oneOf } from '../../../xml/schema/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';

/** Format: "Events configuration". */

export const lifecycleErrors = defineErrors('lifecycle', () => ({
  'unsupported-action': {
    class: 'unsupported',
    message: (p: { event: string; action: string }) => `a QEMU machine cannot '${p.action}' for '${p.event}'`,
  },
  'contradicting-actions': {
    class: 'unsupported',
    message: () => "on_poweroff 'restart' cannot be combined with on_reboot 'destroy'",
  },
  'no-lock-manager': {
    class: 'not-implemented',
    severity: 'warning',
    message: (p: { action: string }) =>
      `there is no lock manager: on_lockfailure '${p.action}' has no effect`,
  },
}));

const actions = oneOf('destroy', 'restart', 'preserve', 'rename-restart');
const crashActions = oneOf(
  'destroy',
  'restart',
  'preserve',
  'rename-restart',
  'coredump-destroy',
  'coredump-restart',
);

export const onPoweroff: SectionModule<OnPoweroff | undefined, OnPoweroff> = {
  field: childText(actions),
  resolve: (value) => value ?? 'destroy',
  validate: (value, cx) => {
    refuse('on_poweroff', value, ['preserve', 'rename-restart'], cx);
    if (value === 'restart' && cx.domain.on_reboot === 'destroy')
      cx.report.add(lifecycleErrors['contradicting-actions'], undefined, whereIs(cx.domain, 'on_poweroff'));
  },
};

export const onReboot: SectionModule<OnPoweroff | undefined, OnPoweroff> = {
  field: childText(actions),
  resolve: (value) => value ?? 'restart',
  validate: (value, cx) => refuse('on_reboot', value, ['preserve', 'rename-restart'], cx),
};

export const onCrash: SectionModule<OnCrash | undefined, OnCrash> = {
  field: childText(crashActions),
  resolve: (value) => value ?? 'destroy',
  validate: (value, cx) => refuse('on_crash', value, ['rename-restart'], cx),
};

export const onLockFailure: SectionModule<'poweroff' | 'restart' | 'pause' | 'ignore' | undefined> = {
  field: childText(oneOf('poweroff', 'restart', 'pause', 'ignore')),
  validate: (value, cx) => {
    if (value !== undefined)
      cx.report.add(
        lifecycleErrors['no-lock-manager'],
        { action: value },
        whereIs(cx.domain, 'on_lockfailure'),
      );
  },
};

/** What libvirt's QEMU driver refuses as well. */
function refuse(event: string, action: string, refused: readonly string[], cx: ValidateContext): void {
  if (refused.includes(action))
    cx.report.add(lifecycleErrors['unsupported-action'], { event, action }, whereIs(cx.domain, event));
}
