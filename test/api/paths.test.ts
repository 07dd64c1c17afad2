import { describe, expect, it } from 'vitest';
import { paths, pathWith } from '../../src/api/paths.ts';

describe('pathWith', () => {
  it('fills parameters of the path, puts the rest into the query and leaves out what is not given', () => {
    expect(pathWith(paths.abortOperation, { id: 'a/b' })).toBe('/v1/ops/a%2Fb/abort');
    expect(pathWith(paths.schemaDocument, { name: '$& ü' })).toBe('/v1/schema/documents/%24%26%20%C3%BC');
    expect(pathWith(paths.route, { key: 'a b&c', keyspace: null, keyBase64: undefined })).toBe(
      '/v1/route?key=a%20b%26c',
    );
    expect(pathWith(paths.schemaAgreement, { timeoutMs: 500 })).toBe('/v1/schema/agreement?timeoutMs=500');
  });
});
