/**
 * A recorded machine in one text file, for tests: what a bug report would carry. Not part of the agent.
 *
 *   == /proc/stat                 a text file, up to the next head line
 *   == base64 /path               a binary file
 *   == link /sys/class/net/eth0   a symbolic link, its target on the next line
 *   == time /etc/machine-id       when it was changed, in ms
 *   == entry /etc/shadow          JSON: what differs from a file of root's that everybody may read
 *   == run rpm -qa                the output of a program
 *   == addresses                  JSON: InterfaceAddress[]
 *   == sizes                      JSON: mount point → bytes
 *   == machine                    JSON: { platform, architecture }
 */
import { createFakeHost } from '../host-fake.ts';
import type { EntryFigures, FileSystemFigures, Host, InterfaceAddress } from '../host.ts';
import { normalPath } from './text.ts';

interface Recording {
  readonly files: Record<string, string | Uint8Array>;
  readonly links: Record<string, string>;
  readonly times: Map<string, number>;
  readonly programs: Record<string, string>;
  readonly entries: Record<string, Partial<EntryFigures>>;
  addresses: InterfaceAddress[];
  fileSystems: Record<string, FileSystemFigures>;
  machine: { platform?: Host['platform']; architecture?: string };
}

export function recordedHost(text: string): Host {
  const recording = parseRecording(text);
  const fake = createFakeHost({ ...recording, ...recording.machine });
  const follow = (path: string) => followLinks(path, recording.links, LINKS_MAX);
  return {
    ...fake,
    readText: (path) => fake.readText(follow(path)),
    readBytes: (path, bytesMax) => fake.readBytes(follow(path), bytesMax),
    list: (path) => fake.list(follow(path)),
    modifiedMs: (path) => recording.times.get(follow(path)) ?? null,
    readLink: (path) => {
      const slash = path.lastIndexOf('/');
      return recording.links[`${follow(path.slice(0, slash))}${path.slice(slash)}`] ?? null;
    },
  };
}

/** As many as Linux follows. */
const LINKS_MAX = 40;

function followLinks(path: string, links: Readonly<Record<string, string>>, left: number): string {
  let current = '';
  for (const part of normalPath(path).split('/').slice(1)) {
    const next = part === '' ? current : `${current}/${part}`;
    const target = links[next];
    if (target === undefined || left === 0) current = next;
    else current = followLinks(target.startsWith('/') ? target : `${current}/${target}`, links, left - 1);
  }
  return current === '' ? '/' : current;
}

function parseRecording(text: string): Recording {
  const recording: Recording = {
    files: {},
    links: {},
    times: new Map(),
    programs: {},
    entries: {},
    addresses: [],
    fileSystems: {},
    machine: {},
  };
  for (const block of text.split(/^== /m).slice(1)) {
    const end = block.indexOf('\n');
    const [word = '', ...rest] = block.slice(0, end).trim().split(' ');
    addBlock(recording, word, rest.join(' '), block.slice(end + 1));
  }
  return recording;
}

function addBlock(recording: Recording, word: string, subject: string, content: string): void {
  if (word.startsWith('/')) recording.files[word] = content;
  else if (word === 'base64') recording.files[subject] = Buffer.from(content, 'base64');
  else if (word === 'link') recording.links[subject] = content.trim();
  else if (word === 'time') recording.times.set(subject, Number(content));
  else if (word === 'entry') recording.entries[subject] = JSON.parse(content);
  else if (word === 'run') recording.programs[subject] = content;
  else if (word === 'addresses') recording.addresses = JSON.parse(content);
  else if (word === 'sizes') recording.fileSystems = figures(JSON.parse(content));
  else if (word === 'machine') recording.machine = JSON.parse(content);
  else throw new Error(`a recording knows no '${word}'`);
}

function figures(sizes: Record<string, number>): Record<string, FileSystemFigures> {
  const unused = { freeBytes: 0, availableBytes: 0, inodesTotal: 0, inodesFree: 0 };
  return Object.fromEntries(
    Object.entries(sizes).map(([mount, totalBytes]) => [mount, { totalBytes, ...unused }]),
  );
}
