import type { FastifyInstance } from 'fastify';
import { paths } from '../api/paths.ts';
import { RingSnapshot } from '../api/ring-snapshot.ts';
import { query } from './answering-route.ts';
import type { EventHub, EventSink } from './event-hub.ts';
import { EventStream } from './event-stream.ts';

/**
 * `GET /v1/events`: server-sent events (`api/stream-event.ts`), with ids to resume from. A stream begins with a snapshot
 * unless the listener's `Last-Event-ID` is still known.
 */
export function addEventRoutes(app: FastifyInstance, hub: EventHub): void {
  app.get(
    paths.events,
    {
      schema: {
        summary: 'A stream of what moves: snapshot (described here), liveness, states, schema.',
        querystring: query({}),
        produces: ['text/event-stream'],
        response: { 200: RingSnapshot },
      },
    },
    (request, reply) => {
      const { 'last-event-id': lastEventId } = request.headers;
      const held: Buffer[] = [];
      const stream = new EventStream(reply.raw);
      let open = false;
      const sink: EventSink = {
        // The hub may refuse, which must still become an error answer: the head is written only after it took us.
        send: (frame) => (open ? stream.send(frame) : void held.push(frame)),
        keepAlive: () => stream.keepAlive(),
        end: () => stream.end(),
      };
      const leave = hub.join(sink, typeof lastEventId === 'string' ? lastEventId : null);
      reply.hijack();
      reply.raw.on('close', leave);
      reply.raw.on('error', leave);
      // Gone while the request was looked at: no event will tell it again.
      if (reply.raw.destroyed) leave();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        // For proxies that would otherwise gather events.
        'x-accel-buffering': 'no',
      });
      reply.raw.flushHeaders();
      request.raw.socket.setNoDelay(true);
      open = true;
      for (const frame of held) stream.send(frame);
    },
  );
}
