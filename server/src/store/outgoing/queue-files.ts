/** The only door of the queue to the file system, so that tests can let it fail. */
import fs from 'node:fs/promises';
import path from 'node:path';

export interface QueueFiles {
  makeFolder(folder: string): Promise<void>;
  /** Names in it, sorted. */
  list(folder: string): Promise<string[]>;
  read(file: string): Promise<Buffer>;
  /** Writes at the place, which is the end of the file, and returns once it is on the disk. Makes the file where there is none. */
  append(file: string, bytes: Uint8Array, atBytes: number): Promise<void>;
  truncate(file: string, bytes: number): Promise<void>;
  remove(file: string): Promise<void>;
  /** Durable when the promise resolves. */
  rename(file: string, to: string): Promise<void>;
  /** Bytes of a file, without reading it. */
  size(file: string): Promise<number>;
  /** All of it or what was there before, and durable; for its owner alone. */
  replace(file: string, text: string): Promise<void>;
  freeBytes(folder: string): Promise<number>;
}

export const diskQueueFiles: QueueFiles = {
  makeFolder: async (folder) => void (await fs.mkdir(folder, { recursive: true, mode: 0o700 })),
  list: async (folder) => (await fs.readdir(folder)).sort(),
  read: (file) => fs.readFile(file),
  async append(file, bytes, atBytes) {
    await using handle = await fs.open(file, atBytes === 0 ? 'w' : 'r+', 0o600);
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, atBytes + written);
      written += bytesWritten;
    }
    await handle.datasync();
    if (atBytes === 0) await syncFolder(path.dirname(file));
  },
  truncate: (file, bytes) => fs.truncate(file, bytes),
  remove: (file) => fs.rm(file, { force: true }),
  async rename(file, to) {
    await fs.rename(file, to);
    await syncFolder(path.dirname(to));
  },
  size: async (file) => (await fs.stat(file)).size,
  async replace(file, text) {
    const fresh = `${file}.new`;
    {
      await using handle = await fs.open(fresh, 'w', 0o600);
      await handle.writeFile(text);
      await handle.sync();
    }
    await fs.rename(fresh, file);
    await syncFolder(path.dirname(file));
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await fs.statfs(folder);
    return bavail * bsize;
  },
};

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its file system logs metadata by itself.
  if (path.sep === '\\') return;
  await using handle = await fs.open(folder, 'r');
  await handle.sync();
}
