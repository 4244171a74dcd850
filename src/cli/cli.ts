#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundle } from './load-bundle.ts';

const bundle = join(__dirname, 'qdom.cjs');

function compiledCode(): Buffer | undefined {
  try {
    return readFileSync(`${bundle}.cache`);
  } catch {
    return undefined;
  }
}

loadBundle(bundle, compiledCode(), require);
