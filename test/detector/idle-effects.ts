import type { DetectorEffects } from '../../src/detector/failure-detector.ts';

/** Effects that go nowhere, for benches that look at some of them. */
export const idleEffects: DetectorEffects = {
  send() {},
  schedule() {},
  changed() {},
  deadClaim() {},
  tell() {},
  selfClaim() {},
  streamOnly() {},
};
