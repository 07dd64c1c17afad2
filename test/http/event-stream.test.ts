import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../src/http/event-stream.ts';

/** An answer whose listener takes only what a test lets it take. */
class SlowResponse {
  writableLength = 0;
  destroyed = false;
  readonly written: string[] = [];
  readonly socket = { bytesWritten: 0 };

  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    this.writableLength += bytes.length;
    this.socket.bytesWritten += bytes.length;
    return false;
  }

  take(bytes: number): void {
    this.writableLength -= bytes;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

const streamTo = (response: SlowResponse): EventStream => new EventStream(response as unknown as ServerResponse);
const mebibyte = Buffer.alloc(1024 * 1024, 'x');

describe('EventStream', () => {
  it('takes one event of any size, but not a second one while that waits', () => {
    const response = new SlowResponse();
    const stream = streamTo(response);
    stream.send(Buffer.alloc(8 * 1024 * 1024));
    expect(response.destroyed).toBe(false);
    stream.send(Buffer.from('more'));
    expect(response.destroyed).toBe(true);
    stream.send(Buffer.from('later'));
    expect(response.written).toHaveLength(1);
  });

  it('bears a backlog up to its bound', () => {
    const response = new SlowResponse();
    const stream = streamTo(response);
    for (let sent = 0; sent < 4; sent++) stream.send(mebibyte);
    expect(response.destroyed).toBe(false);
    stream.send(mebibyte);
    expect(response.destroyed).toBe(true);
  });

  it('cuts off a listener that takes nothing for three beats, and none that is only slow', () => {
    const slow = new SlowResponse();
    const slowStream = streamTo(slow);
    slowStream.send(mebibyte);
    for (let beat = 0; beat < 20; beat++) {
      slowStream.keepAlive();
      slow.take(1);
    }
    expect(slow.destroyed).toBe(false);
    expect(slow.written).toHaveLength(1);

    const stalled = new SlowResponse();
    const stalledStream = streamTo(stalled);
    stalledStream.send(mebibyte);
    for (let beat = 0; beat < 3; beat++) stalledStream.keepAlive();
    expect(stalled.destroyed).toBe(true);
  });

  it('sends a comment on each beat of a quiet stream', () => {
    const response = new SlowResponse();
    const stream = streamTo(response);
    for (let beat = 0; beat < 10; beat++) {
      stream.keepAlive();
      response.take(response.writableLength);
    }
    expect(response.written).toEqual(Array.from({ length: 10 }, () => ':\n\n'));
    expect(response.destroyed).toBe(false);
  });
});
