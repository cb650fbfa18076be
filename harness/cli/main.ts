#!/usr/bin/env node
/** Starts the program `m4lab`; Node 22.1 and newer keep its code, compiled, from one start to the next. */
import * as nodeModule from 'node:module';

const { enableCompileCache } = nodeModule as { enableCompileCache?: () => unknown };
enableCompileCache?.();
await import('./program.js');
