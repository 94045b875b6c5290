/** The archive in a thread of its own: takes one call after the other from the engine's thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { invariant } from '@muster/shared/invariant.ts';
import { ArchiveWriter } from './archive.ts';
import type { ArchiveAnswer, ArchiveCall } from './archive-thread.ts';

invariant(parentPort !== null, 'the archive runs in a worker thread');
// null: only loaded, to be compiled.
if (workerData !== null) serve(parentPort, new ArchiveWriter(String(workerData)));

function serve(port: MessagePort, writer: ArchiveWriter): void {
  port.on('message', ({ id, call }: { id: number; call: ArchiveCall }) => {
    port.postMessage(answer(writer, id, call));
  });
}

function answer(writer: ArchiveWriter, id: number, call: ArchiveCall): ArchiveAnswer {
  try {
    return { id, result: perform(writer, call) };
  } catch (error) {
    // An error keeps its message but not its class on the way; the code tells a full disk.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { id, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

function perform(writer: ArchiveWriter, call: ArchiveCall): unknown {
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
