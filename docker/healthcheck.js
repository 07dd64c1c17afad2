// Exit code 0 if the node in this container says that it is healthy. The image has no curl.
const port = (process.env.MURMURING_HTTP ?? '127.0.0.1:7601').split(':').pop();
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) });
  process.exit(ok ? 0 : 1);
} catch {
  process.exit(1);
}
