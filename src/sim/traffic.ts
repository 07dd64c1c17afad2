import { InvariantViolation } from '../base/error.ts';
import type { Channel, Message } from '../node/message.ts';
import { datagramBytes, envelopeBytes, maxDatagramFrameBytes } from '../wire/envelope.ts';
import { familyOf, type MessageFamily, messageFamilies } from '../wire/message-codec.ts';
import { MessageSizes } from '../wire/message-size.ts';
import { streamBytes } from '../wire/stream-framing.ts';
import { helloBytes } from '../wire/stream-session.ts';

/** IPv4 and TCP headers with the time stamp option. */
const tcpHeaderBytes = 52;
const maxSegmentBytes = 1_448;
/** SYN and SYN-ACK, with eight more bytes of options, and the last ACK. */
const handshakeBytes = 2 * (tcpHeaderBytes + 8) + tcpHeaderBytes;
/** What a stream costs both ends beside its messages: the handshake, a hello each way, and FIN and ACK each way. */
const streamLifeBytes = handshakeBytes + 2 * (tcpHeaderBytes + helloBytes) + 4 * tcpHeaderBytes;

/**
 * What is sent, as an Ethernet would see it from the IP header up: the real encoding of each message, the seal of its
 * frame, and the headers of UDP or TCP. Counted for the node that sends, by family of message. Pure acknowledgements of TCP
 * are counted as one for each two segments, for the node that sends these, and all that opens and ends a stream for the one
 * that opens it. What TCP sends again is not counted.
 */
export class Traffic {
  readonly #sizes = new MessageSizes();
  /** One column a family: bytes sent by each node, by its place in the world. */
  readonly #sent: Record<MessageFamily, number[]> = { gossip: [], detector: [], epoch: [], schema: [], lifecycle: [] };
  readonly #perSecond: number[] = [];
  messages = 0;

  /** Counts a message of the node at this place. `opens`: the stream for it had to be opened. Returns its bytes. */
  sent(place: number, nowMs: number, channel: Channel, message: Message, opens: boolean): number {
    const bytes = this.#frameBytes(channel, message) + (opens ? streamLifeBytes : 0);
    const column = this.#sent[familyOf(message)];
    while (column.length <= place) column.push(0);
    column[place]! += bytes;
    const second = Math.floor(nowMs / 1_000);
    while (this.#perSecond.length <= second) this.#perSecond.push(0);
    this.#perSecond[second]! += bytes;
    this.messages++;
    return bytes;
  }

  /** Encoded size of a message without frame and headers. */
  payloadBytes(message: Message): number {
    return this.#sizes.of(message);
  }

  /** Bytes sent by all nodes together so far, of one family or of all. */
  totalBytes(family: MessageFamily | null = null): number {
    let total = 0;
    for (const each of family === null ? messageFamilies : [family]) {
      for (const bytes of this.#sent[each]) total += bytes;
    }
    return total;
  }

  /** Bytes sent so far by the node at this place. */
  nodeBytes(place: number): number {
    return messageFamilies.reduce((sum, family) => sum + (this.#sent[family][place] ?? 0), 0);
  }

  /** Bytes that all nodes together sent in each second of virtual time. */
  get bytesPerSecond(): readonly number[] {
    return this.#perSecond;
  }

  #frameBytes(channel: Channel, message: Message): number {
    const payload = this.payloadBytes(message);
    if (channel === 'datagram') {
      if (payload + envelopeBytes > maxDatagramFrameBytes) {
        throw new InvariantViolation(`a datagram with ${message.kind} of ${payload} bytes: too long for one frame`);
      }
      return datagramBytes(payload);
    }
    const bytes = streamBytes(payload);
    const segments = Math.ceil(bytes / maxSegmentBytes);
    return bytes + segments * tcpHeaderBytes + Math.ceil(segments / 2) * tcpHeaderBytes;
  }
}
