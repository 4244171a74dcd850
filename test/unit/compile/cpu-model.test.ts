import { describe, expect, it } from 'vitest';
import { count, FeatureTable } from '../../../src/compile/sections/cpu/model/feature-set.ts';
import type { CpuWorld } from '../../../src/compile/sections/cpu/model/host.ts';
import { allModels } from '../../../src/compile/sections/cpu/model/models.ts';
import { nearestModel } from '../../../src/compile/sections/cpu/model/nearest.ts';

const table = new FeatureTable();
const models = allModels();
const candidates = models.filter((m) => m.standsForHost);

/** A QEMU that has all models, or those of the names. */
function world(names = models.map((m) => m.name)): CpuWorld {
  const cpus = names.map((name) => ({ name, typename: name, unavailableFeatures: [], deprecated: false }));
  const host = { vendor: undefined, signature: undefined, named: undefined, features: 0n, known: 0n };
  return { table, models, accel: { machines: [], cpus }, host };
}

describe('the tables of CPU models', () => {
  it('name each feature once, and QEMU’s property with dashes', () => {
    expect(new Set(table.all.map((f) => f.name)).size).toBe(table.all.length);
    expect(table.all.filter((f) => f.property.includes('_'))).toEqual([]);
    expect(table.find('ds_cpl')?.property).toBe('ds-cpl');
    expect(table.find('pclmuldq')?.property).toBe('pclmulqdq');
    expect(table.find('invtsc')?.isMigratable).toBe(false);
  });

  it('give a versioned model the features of the one that it stands for', () => {
    const find = (name: string) => models.find((m) => m.name === name);
    expect(find('EPYC-v2')?.features).toBe(find('EPYC-IBPB')?.features);
    expect(count(find('Nehalem')?.base ?? 0n)).toBeGreaterThan(20);
  });
});

describe('the nearest model', () => {
  it.each(candidates.map((m) => m.name))('to what %s has needs nothing switched', (name) => {
    const model = candidates.find((m) => m.name === name);
    const found = nearestModel(model?.base ?? 0n, model?.vendor, undefined, world());
    expect([found?.on, found?.off]).toEqual([0n, 0n]);
  });

  it('is of the vendor, or of none', () => {
    const skylake = models.find((m) => m.name === 'Skylake-Server');
    const found = nearestModel(skylake?.base ?? 0n, 'AMD', undefined, world());
    expect([undefined, 'AMD']).toContain(found?.model.vendor);
  });

  it('is one that has the CPU’s own family and model, before all others', () => {
    const haswell = models.find((m) => m.name === 'Haswell-noTSX');
    expect(nearestModel(haswell?.base ?? 0n, 'Intel', '6:94', world())?.model.signatures).toContain('6:94');
  });

  it('is one that this QEMU has', () => {
    const rome = models.find((m) => m.name === 'EPYC-Rome');
    expect(nearestModel(rome?.base ?? 0n, 'AMD', undefined, world(['EPYC', 'qemu64']))?.model.name).toBe(
      'EPYC',
    );
    expect(nearestModel(rome?.base ?? 0n, 'AMD', undefined, world([]))).toBeUndefined();
  });

  it('would rather lack two features than have one too many', () => {
    const epyc = models.find((m) => m.name === 'EPYC');
    const svm = table.find('svm')?.bit ?? 0n;
    const without = nearestModel((epyc?.base ?? 0n) & ~svm, 'AMD', undefined, world(['EPYC', '486']));
    expect(without?.off).toBe(svm);
  });
});
