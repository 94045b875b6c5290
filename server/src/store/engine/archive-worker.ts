/** The archive in a thread of its own: takes one call after the other from the engine's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '@muster/shared/invariant.ts';
import { ArchiveWriter } from './archive.ts';
import type { ArchiveAnswer, ArchiveCall } from './archive-thread.ts';

invariant(parentPort !== null, 'the archive runs in a worker thread');
const port = parentPort;
const writer = new ArchiveWriter(String(workerData));

port.on('message', ({ id, call }: { id: number; call: ArchiveCall }) => {
  port.postMessage(answer(id, call));
});

function answer(id: number, call: ArchiveCall): ArchiveAnswer {
  try {
    return { id, result: perform(call) };
  } catch (error) {
    // An error keeps its message but not its class on the way; the code tells a full disk.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { id, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

function perform(call: ArchiveCall): unknown {
  switch (call.verb) {
    case 'open':
      return writer.open();
    case 'commit':
      return writer.commit(call.batch);
    case 'settle':
      return writer.settle(call.jobs);
    case 'rollUp':
      return writer.rollUp(call.jobs);
    case 'remove':
      return writer.remove(call.partitions);
    case 'drop':
      return writer.drop(call.partition);
    case 'tidy':
      return writer.tidy();
    case 'checkpoint':
      return writer.checkpoint();
    case 'close':
      return writer.close();
  }
}
