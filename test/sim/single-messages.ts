import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { Message, SingleMessage } from '../../src/node/message.ts';

/** What a message carries: itself, or the messages of a bundle. */
export function singleMessages(message: Message): readonly SingleMessage[] {
  return message.kind === 'bundle' ? message.messages : [message];
}

/** The decided records that a message brings, as a proposer's word or as rumors. */
export function recordsIn(message: Message): RingRecord[] {
  return singleMessages(message).flatMap((each) =>
    each.kind === 'records' || each.kind === 'rumors' ? each.records : [],
  );
}
