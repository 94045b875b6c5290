/** The only door to the file system for the journal and for backups, so that tests can let it fail. */
import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';

export interface AppendFile {
  /** Bytes written, which may be fewer than given. */
  write(bytes: Uint8Array, positionBytes: number): Promise<number>;
  /** Returns when everything written is on the disk. */
  sync(): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /** Fails if it exists. */
  create(file: string): Promise<AppendFile>;
  open(file: string): Promise<AppendFile>;
  read(file: string): Promise<Uint8Array>;
  /** Names in a folder, sorted; empty if there is no such folder. */
  list(folder: string): Promise<string[]>;
  sizeBytes(file: string): Promise<number>;
  makeFolder(folder: string): Promise<void>;
  /** Makes creations and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Fails if the target exists; the copy is durable. */
  copy(from: string, to: string): Promise<void>;
  writeWhole(file: string, text: string): Promise<void>;
}

export const diskFiles: Files = {
  create: async (file) => appendFile(await fs.open(file, 'wx+')),
  open: async (file) => appendFile(await fs.open(file, 'r+')),
  read: (file) => fs.readFile(file),
  async list(folder) {
    try {
      return (await fs.readdir(folder)).sort();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  sizeBytes: async (file) => (await fs.stat(file)).size,
  makeFolder: async (folder) => void (await fs.mkdir(folder, { recursive: true })),
  async syncFolder(folder) {
    // Windows cannot open a folder; its file system logs metadata by itself.
    if (path.sep === '\\') return;
    await using handle = await fs.open(folder, 'r');
    await handle.sync();
  },
  remove: (file) => fs.rm(file, { force: true }),
  async copy(from, to) {
    await fs.copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using handle = await fs.open(to, 'r+');
    await handle.sync();
  },
  async writeWhole(file, text) {
    await using handle = await fs.open(file, 'wx');
    await handle.writeFile(text);
    await handle.sync();
  },
};

/** The system's error code, e.g. 'ENOSPC'; '' if there is none. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function appendFile(handle: fs.FileHandle): AppendFile {
  return {
    write: async (bytes, positionBytes) =>
      (await handle.write(bytes, 0, bytes.length, positionBytes)).bytesWritten,
    sync: () => handle.datasync(),
    truncate: (lengthBytes) => handle.truncate(lengthBytes),
    close: () => handle.close(),
  };
}
