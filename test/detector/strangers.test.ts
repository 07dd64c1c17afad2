import { expect, it } from 'vitest';
import { randomUuid } from '../../src/base/id.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { DetectorMessage } from '../../src/detector/detector-message.ts';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { SwimDetector } from '../../src/detector/swim-detector.ts';
import { lanSwimTimings } from '../../src/detector/swim-options.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import { idleEffects } from './idle-effects.ts';

it('keeps nothing of a host that others name, or people ask about, and that gossip does not know', () => {
  const slots = new EndpointDirectory();
  const random = new SeededRandom(1);
  const [self, from, hostId] = [randomUuid(random), randomUuid(random), randomUuid(random)];
  const detector = new SwimDetector({
    hostId: self,
    ownGeneration: () => 1,
    slots,
    random,
    timings: lanSwimTimings,
    phase: 0,
  });
  const now = { monotonicMs: 0, wallMs: 0 };
  detector.begin([{ hostId: from, generation: 1 }], now, idleEffects);
  const given = slots.size;
  const life = { hostId, generation: 1, incarnation: 0 };
  const claim: LivenessClaim = { ...life, liveness: 'dead', accuser: from, confirmers: [], left: false };
  const messages: readonly DetectorMessage[] = [
    { kind: 'claims', claims: [claim] },
    { kind: 'probe', probe: 1, buddy: claim },
    { kind: 'probeRequest', probe: 2, target: hostId },
    { kind: 'confirm', probe: 3, ...life },
  ];
  for (const message of messages) detector.receive(from, message, 'datagram', now, idleEffects);
  detector.claimed(from, claim, 'rumor', now, idleEffects);
  expect(detector.liveness(hostId)).toBe('dead');
  expect(detector.evidence(hostId)).toEqual({ lastAck: null, findings: [] });
  detector.forget(hostId);
  expect(slots.size).toBe(given);
});
