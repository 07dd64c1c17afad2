import { describe, expect, it } from 'vitest';
import { memberModeOf } from '../../src/node/member-mode.ts';

describe('the mode of a member', () => {
  it('is what it gossips, and a restart only until its lease is over', () => {
    expect(memberModeOf('DRAINED', 0)).toBe('drained');
    expect(memberModeOf('OVERLOADED', 0)).toBe('overloaded');
    expect(memberModeOf('RESTARTING,1000', 999)).toBe('restarting');
    expect(memberModeOf('RESTARTING,1000', 1_000)).toBe('ok');
  });

  it('is ok where nothing, or nothing that is understood, was said', () => {
    for (const text of [null, '', 'drained', 'RESTARTING', 'RESTARTING,soon', 'LATER']) {
      expect(memberModeOf(text, 0)).toBe('ok');
    }
  });
});
