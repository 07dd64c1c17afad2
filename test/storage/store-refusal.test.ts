import { expect, it } from 'vitest';
import type { LevelParts } from '../../src/storage/level-parts.ts';
import { storeParts } from '../../src/storage/store-key.ts';
import { readStore } from '../../src/storage/store-reader.ts';
import { refusalOfOpening, refusalOfReading } from '../../src/storage/store-refusal.ts';

/** As Node and LevelDB word it. */
const systemError = (code: string, text: string): Error => Object.assign(new Error(text), { code });

it.each([
  ['UNAVAILABLE', systemError('EMFILE', "EMFILE: too many open files, scandir '/store'")],
  ['UNAVAILABLE', systemError('LEVEL_IO_ERROR', 'IO error: /store/MANIFEST-000004: Too many open files')],
  ['UNAVAILABLE', systemError('ENFILE', 'ENFILE: file table overflow, open')],
  ['UNAVAILABLE', systemError('ESTALE', "ESTALE: stale file handle, scandir '/store'")],
  ['UNAVAILABLE', systemError('LEVEL_IO_ERROR', 'IO error: /store/000005.log: Stale file handle')],
  ['UNAVAILABLE', systemError('LEVEL_LOCKED', 'IO error: lock /store/LOCK: No locks available')],
  ['INVALID_CONFIG', systemError('LEVEL_LOCKED', 'IO error: lock /store/LOCK: Permission denied')],
  ['STORE_IN_USE', systemError('LEVEL_LOCKED', 'IO error: lock /store/LOCK: Resource temporarily unavailable')],
  ['STORE_IN_USE', systemError('LEVEL_LOCKED', 'IO error: lock /store/LOCK: already held by process')],
  ['INVALID_CONFIG', systemError('ENAMETOOLONG', 'ENAMETOOLONG: name too long, mkdir')],
  ['INVALID_CONFIG', systemError('LEVEL_IO_ERROR', 'IO error: /store/MANIFEST-000004: File name too long')],
  ['INVALID_CONFIG', systemError('LEVEL_IO_ERROR', 'IO error: /store/000005.log: Disk quota exceeded')],
  ['INVALID_CONFIG', systemError('EDQUOT', 'EDQUOT: disk quota exceeded, mkdir')],
  ['INVALID_CONFIG', systemError('LEVEL_IO_ERROR', 'IO error: /store/000005.log: No space left on device')],
  ['INVALID_CONFIG', systemError('EROFS', 'EROFS: read-only file system, mkdir')],
  ['INVALID_CONFIG', systemError('ELOOP', 'ELOOP: too many symbolic links encountered, mkdir')],
])('answers %s, and calls nothing damaged, where the system says: %s', (code, error) => {
  const opening = new Error('Database failed to open', { cause: error });
  for (const each of [error, opening]) {
    expect(refusalOfOpening('/store', each)).toMatchObject({ code });
    expect(refusalOfReading('/store', 'peers', each)).toMatchObject({ code });
  }
  if (code === 'UNAVAILABLE') expect(refusalOfOpening('/store', opening).message).toContain(error.message);
});

it('answers as the system says where that comes up only as the records are read', async () => {
  const failing = (error: Error): LevelParts => {
    const iterator = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });
    return Object.fromEntries(storeParts.map((name) => [name, { iterator }])) as unknown as LevelParts;
  };
  const open = systemError('LEVEL_IO_ERROR', 'IO error: /store/000005.ldb: Too many open files');
  await expect(readStore('/store', failing(open))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const gone = systemError('LEVEL_IO_ERROR', 'IO error: /store/000005.ldb: No such file or directory');
  await expect(readStore('/store', failing(gone))).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  const corrupt = systemError('LEVEL_CORRUPTION', 'Corruption: block checksum mismatch');
  await expect(readStore('/store', failing(corrupt))).rejects.toThrow('identity cannot be read: Corruption: block');
});
