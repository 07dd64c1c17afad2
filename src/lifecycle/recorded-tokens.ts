import { createHash } from 'node:crypto';
import type { RingState } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Delta } from '../gossip/delta.ts';
import { versionedValue } from '../gossip/versioned-value.ts';
import { encodeTokens } from '../token/token-list.ts';

/** What stands for the tokens in TOKENS, after the epoch and before their checksum: no base64 begins so. */
const asRecorded = '=';

/**
 * A shadow answer holds every member's tokens in the ring's history already; TOKENS would say them again, in a third of
 * all bytes. Where it says just what the history does, it is sent without them.
 */
export function withoutRecordedTokens(delta: Delta, state: RingState): Delta {
  return withTokens(delta, (value) => {
    const tokens = recordedTokens(delta, state);
    if (value === null || tokens === null || !value.endsWith(`,${tokens}`)) return value;
    return `${value.slice(0, -tokens.length)}${asRecorded}${checksum(tokens)}`;
  });
}

/** The delta with its tokens again; null if the history held here is another than the sender's: anti-entropy brings it. */
export function withRecordedTokens(delta: Delta, state: RingState): Delta | null {
  let other = false;
  const whole = withTokens(delta, (value) => {
    const [stamp, sum] = value?.split(`,${asRecorded}`) ?? [];
    if (sum === undefined) return value;
    const tokens = recordedTokens(delta, state);
    other = tokens === null || sum !== checksum(tokens);
    return other ? value : `${stamp},${tokens}`;
  });
  return other ? null : whole;
}

function withTokens(delta: Delta, change: (value: string | null) => string | null): Delta {
  const at = delta.entries.findIndex(([key]) => key === ApplicationState.tokens);
  if (at < 0) return delta;
  const [key, { value, version }] = delta.entries[at]!;
  const changed = change(value);
  if (changed === value) return delta;
  const entries = [...delta.entries];
  entries[at] = [key, versionedValue(key, changed, version)];
  return { ...delta, entries };
}

function recordedTokens({ hostId }: Delta, state: RingState): string | null {
  const member = state.members.get(hostId);
  return member === undefined ? null : encodeTokens(member.tokens);
}

const checksum = (tokens: string): string => createHash('sha256').update(tokens).digest('hex').slice(0, 8);
