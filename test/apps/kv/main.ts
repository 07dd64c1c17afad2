import { readFileSync } from 'node:fs';
import { startKvNode } from './kv-node.ts';

/**
 * `node main.js config.json`: one process, one node. The file holds `KvOptions` as JSON; the node says on standard output
 * where it serves, and stops at SIGTERM.
 */
const kv = await startKvNode(JSON.parse(readFileSync(process.argv[2]!, 'utf8')));
console.log(JSON.stringify({ kv: kv.address, hostId: kv.node.hostId }));
process.once('SIGTERM', () => void kv.stop());
