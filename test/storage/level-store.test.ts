import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { LevelStore } from '../../src/storage/level-store.ts';
import { storeCompliance } from './store-compliance.ts';

const root = mkdtempSync(join(tmpdir(), 'murmuring-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let disks = 0;

storeCompliance('LevelStore', () => {
  const directory = join(root, String(disks++), 'made', 'by', 'open');
  return { open: () => LevelStore.open(directory, { clusterName: 'flock' }) };
});
