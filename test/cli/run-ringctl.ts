import { main } from '../../src/cli/main.ts';
import { errorBody, FakeNode } from '../client/fake-node.ts';
import { answers } from './answers.ts';

export interface RingctlRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ringctl` in this process. */
export async function runRingctl(argv: readonly string[], env: Record<string, string> = {}): Promise<RingctlRun> {
  let stdout = '';
  let stderr = '';
  const exitCode = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
  });
  return { exitCode, stdout, stderr };
}

/** A fake node that answers as `answers` has it; all else is refused as a real one refuses it. */
export async function startAnsweringNode(): Promise<FakeNode> {
  const node = await FakeNode.start();
  node.answer = ({ method, url }) => {
    const body = answers[`${method} ${url}`];
    if (body !== undefined) return { status: 200, body };
    if (/keyspace=/.test(url!)) {
      const message = 'got keyspace "nope", expected one of: sessions, users';
      return { status: 404, body: errorBody('UNKNOWN_KEYSPACE', message, 'Name a keyspace of the schema.') };
    }
    return { status: 404, body: errorBody('UNKNOWN_OPERATION', 'no such operation is open', 'See `ringctl ops`.') };
  };
  return node;
}
