import { releaseVersion } from '../runtime/release-version.ts';
import { startNode } from '../runtime/start-node.ts';
import { runDaemon } from './run-daemon.ts';

/** `murmurd`: one node of a ring in a process of its own. Ends the process. */
export async function main(): Promise<void> {
  process.exit(await runDaemon(process.argv.slice(2), process, { version: releaseVersion, start: startNode }));
}
