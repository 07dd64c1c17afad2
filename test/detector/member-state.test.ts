import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { livenessStates } from '../../src/detector/liveness-claim.ts';
import { compareMemberStates, isNewerLife, type MemberState, overrides } from '../../src/detector/member-state.ts';

const states: fc.Arbitrary<MemberState> = fc.record({
  generation: fc.nat(3),
  incarnation: fc.nat(3),
  liveness: fc.constantFrom(...livenessStates),
  left: fc.boolean(),
});

describe('the order of claims', () => {
  it('is by generation, then incarnation, then alive < suspect < dead', () => {
    const shuffled: MemberState[] = [
      { generation: 2, incarnation: 0, liveness: 'alive', left: false },
      { generation: 1, incarnation: 1, liveness: 'dead', left: false },
      { generation: 1, incarnation: 1, liveness: 'alive', left: false },
      { generation: 1, incarnation: 0, liveness: 'dead', left: false },
      { generation: 1, incarnation: 1, liveness: 'suspect', left: false },
    ];
    const ordered = shuffled
      .sort(compareMemberStates)
      .map((state) => `${state.generation}.${state.incarnation} ${state.liveness}`);
    expect(ordered).toEqual(['1.0 dead', '1.1 alive', '1.1 suspect', '1.1 dead', '2.0 alive']);
  });

  it('leaves whoever hears the same claims, in whatever order and however often, with the same one', () => {
    const fold = (claims: readonly MemberState[]): MemberState | null =>
      claims.reduce<MemberState | null>((held, claim) => (overrides(claim, held) ? claim : held), null);
    const heard = fc
      .array(states, { minLength: 1 })
      .chain((claims) => fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })));
    fc.assert(
      fc.property(heard, ([claims, again]) => {
        expect(fold([...claims, ...again])).toEqual(fold(again));
      }),
    );
  });

  it('lets a clean stop stand against every refutation, until a higher generation', () => {
    const left: MemberState = { generation: 5, incarnation: 0, liveness: 'dead', left: true };
    expect(overrides({ generation: 5, incarnation: 9, liveness: 'alive', left: false }, left)).toBe(false);
    expect(overrides({ generation: 6, incarnation: 0, liveness: 'alive', left: false }, left)).toBe(true);
  });

  it('calls a refutation and a restart another life, an accusation not', () => {
    const held = { generation: 5, incarnation: 1 };
    expect(isNewerLife({ generation: 5, incarnation: 2 }, held)).toBe(true);
    expect(isNewerLife({ generation: 6, incarnation: 0 }, held)).toBe(true);
    expect(isNewerLife({ generation: 5, incarnation: 1 }, held)).toBe(false);
    expect(isNewerLife({ generation: 4, incarnation: 9 }, held)).toBe(false);
  });
});
