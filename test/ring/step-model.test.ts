import { describe, expect, it } from 'vitest';
import { allRules, missedWrite, type StepRules } from './step-model.ts';

const changes = ['a→b', 'a→ab', 'ab→a', 'ab→ac', 'ab→abc', 'abc→ab', 'abc→a', 'a→abc', 'abc→abd', 'abcd→abc'];

const without = (...rules: (keyof StepRules)[]): string[] | null =>
  missedWrite('abc', 'abd', { ...allRules, ...Object.fromEntries(rules.map((rule) => [rule, false])) });

describe('in every interleaving of one change with one write and one read', () => {
  it.each(changes)('the read finds the acknowledged write: %s', (change) => {
    const [before, after] = change.split('→') as [string, string];
    expect(missedWrite(before, after, allRules)).toBeNull();
  });

  it('it misses it where `end` does not wait until enough replicas know `switch`', () => {
    const story = without('switchIsAcknowledged')!.join('; ');
    expect(story).toMatch(/end is decided; a write by end; .*; a read by begin asks b and c$/);
  });

  it.each(['a→ab', 'ab→ac', 'ab→abc', 'abc→abd'])(
    'it finds it too where `end` waits for no replica after: a newcomer may be given up: %s',
    (change) => {
      const [before, after] = change.split('→') as [string, string];
      expect(missedWrite(before, after, { ...allRules, newReplicasKnowSwitch: false })).toBeNull();
    },
  );

  it('it misses it where a source is read that does not know of the change: the write comes there later', () => {
    expect(without('sourcesKnow')!.join('; ')).toMatch(/d reads c; switch is decided; it comes to c: yes/);
  });

  it('it misses it where `switch` does not wait for the data', () => {
    expect(without('dataIsMoved')).not.toBeNull();
  });

  it('it finds it where only the sources have acknowledged `begin`: no more of the first barrier is needed for that', () => {
    expect(without('beginIsAcknowledged')).toBeNull();
  });
});
