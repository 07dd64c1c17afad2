#!/usr/bin/env node
import { main } from '../dist/cli/main.js';

// `ringctl … | head` closes the pipe early: no error of ours.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await main(process.argv.slice(2), process);
