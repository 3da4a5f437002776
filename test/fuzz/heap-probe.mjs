// Loaded into a daemon under test (NODE_OPTIONS): writes down, now and then, what is left of its heap after a collection.
import { writeFile } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
setInterval(() => {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  writeFile(`/run/heap.${process.pid}`, JSON.stringify({ heapUsed, external, rss }), () => undefined);
}, EVERY_MS).unref();
