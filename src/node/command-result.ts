import { RingError } from '../base/error.ts';
import type { ProposalOutcome } from '../epoch/epoch-register.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { CommandResult } from './core-io.ts';

/** What a command is answered whose record was proposed. */
export function commandResultOf(outcome: ProposalOutcome, answer: (record: RingRecord) => unknown): CommandResult {
  switch (outcome.kind) {
    case 'decided':
      return { ok: answer(outcome.record) };
    case 'refused':
      return { error: outcome.error };
    case 'superseded':
      return {
        error: new RingError(
          'SUPERSEDED',
          `another record, ${outcome.record.kind}, took epoch ${outcome.record.epoch}`,
          {
            hint: 'look at `ringctl ops` and try again if it still applies',
          },
        ),
      };
  }
}
