import { createRequire } from 'node:module';

type Zlib = typeof import('node:zlib');

let loaded: Zlib | undefined;

/** node:zlib, loaded when first needed: that takes 1 ms, and much that is stored is not compressed. */
export function nodeZlib(): Zlib {
  loaded ??= createRequire(import.meta.url)('node:zlib') as Zlib;
  return loaded;
}
