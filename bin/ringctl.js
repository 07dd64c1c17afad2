#!/usr/bin/env node
import { main } from '../dist/cli/main.js';

// `ringctl … | head` closes the pipe early: no error of ours. A disk may be full.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`ringctl: cannot write the answer: ${error.message}. Make room, or write it elsewhere.\n`);
  process.exit(1);
});
process.exitCode = await main(process.argv.slice(2), process);
