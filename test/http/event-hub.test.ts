import { Check } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingSnapshot } from '../../src/api/ring-snapshot.ts';
import { defaultEventHubOptions, EventHub, type EventSink } from '../../src/http/event-hub.ts';
import { FakeNodePort, uuid } from './fake-node-port.ts';

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

class RecordingSink implements EventSink {
  readonly told: Told[] = [];
  beats = 0;
  ended = false;

  send(frame: Buffer): void {
    const [, id, event, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)\n\n$/.exec(frame.toString())!;
    this.told.push({ id: id!, event: event!, data: JSON.parse(data!) });
  }

  keepAlive(): void {
    this.beats++;
  }

  end(): void {
    this.ended = true;
  }

  get names(): string[] {
    return this.told.map((each) => each.event);
  }

  get lastId(): string {
    return this.told.at(-1)!.id;
  }
}

const { coalesceMs, keepAliveMs } = defaultEventHubOptions;

describe('EventHub', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function join(hub: EventHub, lastEventId: string | null = null): RecordingSink & { leave(): void } {
    const sink = new RecordingSink();
    return Object.assign(sink, { leave: hub.join(sink, lastEventId) });
  }

  const dead = (n: number) => ({ kind: 'liveness', hostId: uuid(n), liveness: 'dead' }) as const;

  it('begins with a snapshot, then tells liveness and states at once', () => {
    const port = new FakeNodePort();
    const sink = join(new EventHub(port));
    port.emit(dead(3));
    port.emit({ kind: 'states', hostId: uuid(1), keys: ['x:a'] });
    expect(sink.names).toEqual(['snapshot', 'liveness', 'states']);
    expect(Check(RingSnapshot, sink.told[0]!.data)).toBe(true);
    expect(sink.told[1]!.data).toEqual({ hostId: uuid(3), liveness: 'dead' });
    expect(sink.told[2]!.data).toEqual({ hostId: uuid(1), keys: ['x:a'] });
  });

  it('makes a snapshot when a member is drained or about to restart', () => {
    const port = new FakeNodePort();
    const sink = join(new EventHub(port));
    port.memberViews[2] = { ...port.memberViews[2]!, mode: 'drained' };
    port.emit({ kind: 'states', hostId: uuid(3), keys: ['MODE'] });
    vi.advanceTimersByTime(coalesceMs);
    expect(sink.names).toEqual(['snapshot', 'states', 'snapshot']);
    expect(sink.told[2]!.data).toMatchObject({ members: [{ mode: 'ok' }, { mode: 'ok' }, { mode: 'drained' }] });
  });

  it('makes one snapshot of a burst, of the last state, and tells the schema after it', () => {
    const port = new FakeNodePort();
    const sink = join(new EventHub(port));
    port.emit({ kind: 'schema', version: uuid(71) });
    for (let change = 0; change < 100; change++) {
      port.epoch++;
      port.emit({ kind: 'ring' });
    }
    expect(sink.names).toEqual(['snapshot']);
    vi.advanceTimersByTime(coalesceMs);
    expect(sink.names).toEqual(['snapshot', 'snapshot', 'schema']);
    expect(sink.told[1]!.data.epoch).toBe(107);
    expect(sink.told[2]!.data).toEqual({ schemaVersion: uuid(71) });
  });

  it('resumes with exactly what was missed, also when nobody listened meanwhile', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port);
    const first = join(hub);
    port.emit(dead(2));
    first.leave();
    port.emit(dead(3));
    const resumed = join(hub, first.lastId);
    port.emit(dead(1));
    expect(resumed.told.map((each) => each.data.hostId)).toEqual([uuid(3), uuid(1)]);
    expect(first.names).toEqual(['snapshot', 'liveness']);
    const ids = [...first.told, ...resumed.told].map((each) => each.id);
    expect(new Set(ids).size).toBe(4);
  });

  it('begins anew where it cannot resume: another start, an id to come, rubbish, a ring that moved unheard', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port);
    const first = join(hub);
    const other = join(new EventHub(port)).lastId;
    for (const id of [other, first.lastId.replace(/\d+$/, '999'), 'x', '', '-1']) {
      expect(join(hub, id).names, id).toEqual(['snapshot']);
    }
    const lonely = new EventHub(port);
    const gone = join(lonely);
    gone.leave();
    port.epoch++;
    port.emit({ kind: 'ring' });
    vi.advanceTimersByTime(coalesceMs);
    const back = join(lonely, gone.lastId);
    expect(back.names).toEqual(['snapshot']);
    expect(back.told[0]!.data.epoch).toBe(8);
    expect(back.lastId).not.toBe(gone.lastId);
  });

  it('keeps a bounded number of events; who is further behind gets a snapshot', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port, { ...defaultEventHubOptions, maxEvents: 3 });
    const sink = join(hub);
    const start = sink.lastId;
    for (let n = 0; n < 3; n++) port.emit(dead(n));
    expect(join(hub, start).names).toEqual(['liveness', 'liveness', 'liveness']);
    port.emit(dead(3));
    expect(join(hub, start).names).toEqual(['snapshot']);
    expect(sink.names).toHaveLength(5);
  });

  it('G18: a whole ring is encoded once for all listeners, and never while nobody listens', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port);
    const encoded = vi.spyOn(port, 'members');
    for (let change = 0; change < 10; change++) {
      port.emit({ kind: 'ring' });
      vi.advanceTimersByTime(coalesceMs);
    }
    expect(encoded).toHaveBeenCalledTimes(0);
    const sinks = Array.from({ length: 20 }, () => join(hub));
    port.emit({ kind: 'ring' });
    vi.advanceTimersByTime(coalesceMs);
    expect(encoded).toHaveBeenCalledTimes(2);
    expect(sinks.every((sink) => sink.names.length === 2)).toBe(true);
  });

  it('keeps quiet streams alive, and takes no more listeners than it may', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port, { ...defaultEventHubOptions, maxSinks: 1 });
    const sink = join(hub);
    vi.advanceTimersByTime(2 * keepAliveMs);
    expect(sink.beats).toBe(2);
    expect(() => join(hub)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    sink.leave();
    expect(join(hub).names).toEqual(['snapshot']);
  });

  it('close ends every stream, hears no more and leaves no timer', () => {
    const port = new FakeNodePort();
    const hub = new EventHub(port);
    const sink = join(hub);
    port.emit({ kind: 'ring' });
    hub.close();
    hub.close();
    expect(sink.ended).toBe(true);
    expect(port.subscribers).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(() => join(hub)).toThrow(expect.objectContaining({ code: 'STOPPED' }));
  });
});
