#!/usr/bin/env node
import { main } from '../dist/demo/main.js';

await main();
