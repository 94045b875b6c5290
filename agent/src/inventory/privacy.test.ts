/** The whole report of a machine whose every secret place holds a known word: the word never leaves it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import { expect, test } from 'vitest';
import { ASKED } from './golden.ts';
import { collectInventory, SECTION_COLLECTORS } from './index.ts';
import { recordedHost } from './recorded-host.ts';

const SECRET = 'geheim';
/** What no part of an inventory may read at all, whatever it then does with it. */
const MORE = `== /proc/400/environ
PASSWORD=${SECRET}
== /proc/400/cmdline
server --password=${SECRET}
== /proc/1/cmdline
init ${SECRET}
== /proc/cmdline
root=/dev/sda1 luks.key=${SECRET}
== /etc/motd
${SECRET} is the word of the day
== /etc/cron.d/backup
TOKEN=${SECRET}
== /etc/sudoers.d/90-secret
${SECRET} ALL=(ALL) ALL
`;

/** Every recorded machine of every section in one. */
const everything = INVENTORY_SECTIONS.flatMap((section) => {
  const folder = join(import.meta.dirname, section, 'testcases');
  return readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name, 'machine.txt'), 'utf8');
    return text.slice(text.search(/^== /m));
  });
}).join('\n');

test('[IN7] no environment value, no process argument and no content of a file leaves the host', async () => {
  const host = recordedHost(`${everything}\n${MORE}`);
  const inventory = await collectInventory(host, fail, Object.values(SECTION_COLLECTORS), ASKED);
  const report = [...inventory.values()].map(({ json, notes }) => json + notes.join()).join('\n');
  expect([...inventory.keys()]).toEqual([...INVENTORY_SECTIONS]);
  expect(`${everything}${MORE}`.split(SECRET).length).toBeGreaterThan(20);
  // Names are told: this one is a file of the recorded /etc.
  expect(report).toContain('/etc/sudoers.d/90-secret');
  expect(report).not.toContain(SECRET);
});

test('[IN7] arguments, environment and memory of processes are not even read', async () => {
  const reads: string[] = [];
  const host = recordedHost(`${everything}\n${MORE}`);
  const watched = {
    ...host,
    readText: (path: string) => {
      reads.push(path);
      return host.readText(path);
    },
  };
  await collectInventory(watched, fail, Object.values(SECTION_COLLECTORS), ASKED);
  expect(reads.length).toBeGreaterThan(200);
  expect(reads.filter((path) => /^\/proc\/(\d+|self)\/(environ|cmdline|mem|maps)$/.test(path))).toEqual([]);
});

function fail({ section, detail }: { section: string; detail: string }): never {
  throw new Error(`${section}: ${detail}`);
}
