import { onTestFinished } from 'vitest';
import {
  RingClient,
  type RingClientEventKind,
  type RingClientEventOf,
  type RingClientOptions,
} from '../../src/client/client.ts';
import { FakeNode } from './fake-node.ts';
import { snapshot } from './snapshots.ts';

/** The event that a stream begins with. */
export const first = (data: unknown = snapshot(), id = 'a-1') => ({ id, event: 'snapshot', data });

/** A fake node that greets every stream with this snapshot. */
export async function nodeWith(data: unknown = snapshot()): Promise<FakeNode> {
  const node = await FakeNode.start();
  node.greeting = first(data);
  return node;
}

/** A client that closes with the test. */
export async function connect(options: RingClientOptions): Promise<RingClient> {
  const client = await RingClient.connect({ connectTimeoutMs: 5_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** The next event of a kind, from now on. */
export function next<Kind extends RingClientEventKind>(
  client: RingClient,
  kind: Kind,
): Promise<RingClientEventOf<Kind>> {
  return new Promise((resolve) => {
    const stop = client.on(kind, (event) => {
      stop();
      resolve(event);
    });
  });
}
