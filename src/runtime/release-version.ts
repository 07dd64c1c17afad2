import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The version of this package, as nodes gossip it under RELEASE_VERSION. */
export const releaseVersion: string = manifest.version;
