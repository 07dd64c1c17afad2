import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { AccessPolicy } from '../../src/http/access.ts';
import { EventHub } from '../../src/http/event-hub.ts';
import { createHttpApp } from '../../src/http/http-app.ts';
import { FakeNodePort } from './fake-node-port.ts';

/** Asks for no token. */
export const openPolicy: AccessPolicy = { bearerToken: null, loopback: true };

/** An app of its own, gone with the test. */
export async function appOf(
  port: FakeNodePort,
  policy = openPolicy,
): Promise<{ app: FastifyInstance; logged: unknown[] }> {
  const { app, logged, close } = await makeApp(port, policy);
  onTestFinished(close);
  return { app, logged };
}

async function makeApp(port: FakeNodePort, policy: AccessPolicy) {
  const logged: unknown[] = [];
  const hub = new EventHub(port);
  const app = await createHttpApp({
    port,
    hub,
    policy,
    logger: { error: (facts: unknown) => void logged.push(facts) },
  });
  const close = async (): Promise<void> => {
    hub.close();
    await app.close();
  };
  return { app, logged, close };
}

/** One app for many tests that change nothing: making one takes a while. */
export function sharedApp(): { readonly port: FakeNodePort; app(): FastifyInstance; logged(): unknown[] } {
  const port = new FakeNodePort();
  let made: Awaited<ReturnType<typeof makeApp>>;
  beforeAll(async () => {
    made = await makeApp(port, openPolicy);
  });
  afterAll(() => made.close());
  return { port, app: () => made.app, logged: () => made.logged };
}
