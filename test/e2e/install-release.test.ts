/** The pasted line of a server from which a release has gone out: new machines get that release, and none is brought back by an older one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { begun, candidate, TARGET } from '@muster/server/rollouts/testing.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { createSqlRolloutStore } from '@muster/server/store/sql/rollouts.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, muster, type RunningServer, startServer, temporaryFolder } from './harness.ts';
import { type Inside, makeLinuxTree, startInside, treeObstacle } from './linux-tree.ts';

const obstacle = treeObstacle();
if (obstacle !== null) console.log(`muster: the test of installed releases is skipped: ${obstacle}`);

const VERSION = '3.0.0-test';
const { serial: SERIAL } = TARGET;

describe.skipIf(obstacle !== null)('a server from which a release has gone out', () => {
  let server: RunningServer;
  let inside: Inside;
  let tree: string;

  beforeAll(async () => {
    const key = join(temporaryFolder('key'), 'release.key');
    muster(['release', 'keygen', key, '--development'], {});
    const folder = join(temporaryFolder('release'), String(SERIAL));
    const number = ['--serial', String(SERIAL), '--version', VERSION, '--platform', 'linux-x64'];
    const cache = { XDG_CACHE_HOME: temporaryFolder('cache') };
    muster(['release', 'build', folder, '--key', `${key}.pub`, ...number], cache);
    muster(['release', 'sign', folder, '--key', key], {});
    const dataDir = temporaryFolder('server');
    const env = { MUSTER_RELEASE_KEY: `${key}.pub` };
    muster(['release', 'add', folder], { ...env, MUSTER_DATA_DIR: dataDir });
    const sql = await openSqlStore({ file: join(dataDir, 'muster.db'), nowMs: Date.now() });
    const { record, members } = begun([candidate(0)]);
    await createSqlRolloutStore(sql).add({ ...record, state: 'done' }, members);
    await sql.close();
    server = await startServer({ dataDir, env });
    tree = join(temporaryFolder('tree'), 'root');
    makeLinuxTree(tree, { more: ['curl', 'passwd', 'login', 'mawk', 'mount'], without: ['systemd'] });
    inside = await startInside(tree);
  }, 240_000);

  afterAll(async () => {
    await inside?.end();
    await cleanUp();
  });

  const newLine = async () =>
    (await server.api<{ install: { linux: string } }>('POST', '/enrolment-tokens', {})).install.linux;
  const version = async () => (await inside.run('muster-agent version')).output;
  const installed = (name: string) => join(tree, 'opt/muster-agent', name);

  test('[IS33] a new machine gets it, and says its number at once', { timeout: 120_000 }, async () => {
    const { status, output } = await inside.run(await newLine());
    expect([status, output]).toEqual([0, expect.stringContaining(`installing agent ${VERSION}`)]);
    expect(await version()).toBe(`${VERSION}\n`);
    const { items } = await server.api<{ items: Agent[] }>('GET', '/agents');
    expect(items.map(({ release }) => release)).toMatchObject([
      { serial: SERIAL, onTrial: false, takenBack: null },
    ]);
  });

  test('[IS34] the line of a server that offers less renews all but the program and its number', {
    timeout: 120_000,
  }, async () => {
    await server.api('DELETE', `/releases/${SERIAL}`);
    writeFileSync(installed('run'), 'broken');
    const { status, output } = await inside.run(await newLine());
    expect([status, output]).toEqual([
      0,
      expect.stringContaining(
        `release number ${SERIAL} is installed, which is higher than what the server offers`,
      ),
    ]);
    expect(await version()).toBe(`${VERSION}\n`);
    expect(JSON.parse(readFileSync(installed('release.json'), 'utf8'))).toMatchObject({ serial: SERIAL });
  });

  test('[IS34] a program that is damaged is replaced by what the server has', {
    timeout: 120_000,
  }, async () => {
    writeFileSync(installed('agent.mjs'), 'throw new Error("damaged");');
    const { status, output } = await inside.run(await newLine());
    expect([status, output]).toEqual([0, expect.not.stringContaining('which is higher')]);
    expect(await version()).not.toBe(`${VERSION}\n`);
  });
});
