'use strict';
/**
 * Loaded before a program that uses the database. For each import of a `.js` file Node parses all of its package's `exports`, and those of
 * drizzle-orm are 137 KB, in front of 900 imports: half of the processor time of a start (4.1 s became 2.3 s, and 183 MiB resident 161).
 * Inside that package it is known what the answer is.
 */
const { registerHooks } = require('node:module');

/** Not in a package that lies below it. */
const INSIDE = /\/node_modules\/drizzle-orm\/(?!(?:.*\/)?node_modules\/)/;

registerHooks({
  resolve(specifier, context, next) {
    const inside = INSIDE.test(context.parentURL ?? '') && /^\..*\.js$/.test(specifier);
    if (!inside) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
  },
});
