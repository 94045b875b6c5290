/** The `muster` command: what is done beside the dashboard. Works with and without a running server. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TOKEN_ROLES, type TokenRole } from '@muster/shared/api/rights.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { createAccess, issueApiToken } from '../access/access.ts';
import { createRecordAudit, verifyAudit } from '../access/audit-log.ts';
import { newPassword } from '../access/secret.ts';
import { makeBackup, restoreBackup } from '../backup.ts';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { askServer } from '../control.ts';
import { dataFolder, holderOf, openDataFolder } from '../data-folder.ts';
import { createSqlAccessStore } from '../store/sql/access.ts';
import { openSqlStore, type SqlStore } from '../store/sql/open.ts';
import { verifyTwin } from '../twin/sign.ts';
import { VERSION } from '../version.ts';

const ROOT = join(import.meta.dirname, '../../..');
const USAGE = `Usage: muster <command>

  token create --role ROLE --name NAME [--days N]   make an API token; prints it alone on standard output
                                                    (roles: ${TOKEN_ROLES.join(', ')})
  user reset-password [--name admin]                give a user a new password; prints it
  audit verify [--head HASH]                        recompute the hash chain of the audit log
  backup --to DIR                                   copy everything from the running or stopped server
  restore --from DIR                                put a backup into the empty data directory
  release keygen|build|sign|verify …                make and sign releases of the agent (release --help for more)
  release add DIR | list | remove N                 what this server offers for rollouts
  twin verify FOLDER [--key FINGERPRINT]            check an off-site twin, without the server
  agent run --server URL --token-file FILE          run an agent by hand (agent --help for more)
  sim --agents N --seed S [--scenario FILE]         run a simulated fleet (sim --help for more)

The data directory is MUSTER_DATA_DIR (default ./data).`;

const [first = '', second = '', ...rest] = process.argv.slice(2);
try {
  process.exitCode = await run();
} catch (error) {
  console.error(`muster: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function run(): Promise<number> {
  switch (`${first} ${second}`.trim()) {
    case 'token create':
      return createToken();
    case 'user reset-password':
      return resetPassword();
    case 'twin verify':
      return twinVerify();
    case 'audit verify':
      return auditVerify();
  }
  switch (first) {
    case 'backup':
      return backup();
    case 'restore':
      return restore();
    case 'release':
      // Loaded only here: the other commands start faster without it.
      return (await import('./release.ts')).release(process.argv.slice(3));
    case 'agent':
      return delegate('agent/src/main.ts');
    case 'sim':
      return delegate('test/sim/main.ts');
    case '':
    case 'help':
    case '--help':
      console.log(USAGE);
      return 0;
    case '--version':
      console.log(VERSION);
      return 0;
  }
  console.error(`muster: there is no command "${[first, second].join(' ').trim()}"\n\n${USAGE}`);
  return 2;
}

function twinVerify(): number {
  const { values, positionals } = parseArgs({
    args: rest,
    options: { key: { type: 'string' } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('name the folder of the twin');
  const verdict = verifyTwin(resolve(folder), values.key ?? null);
  for (const fault of verdict.faults) console.error(fault);
  if (!verdict.ok) return 1;
  console.log(
    `${verdict.files} files, made ${verdict.createdAt}, all as they were signed by key ${verdict.fingerprint}`,
  );
  if (values.key === undefined)
    console.log('Compare that key with the one the server shows under Settings, Off-site twin.');
  return 0;
}

async function createToken(): Promise<number> {
  const { values } = parseArgs({
    args: rest,
    options: { role: { type: 'string' }, name: { type: 'string' }, days: { type: 'string' } },
  });
  const role = TOKEN_ROLES.find((one): one is TokenRole => one === values.role);
  if (!role) throw new Error(`--role must be one of ${TOKEN_ROLES.join(', ')}`);
  if (!values.name) throw new Error('--name is missing: it says in the audit log who acts');
  const days = values.days === undefined ? null : Number(values.days);
  if (days !== null && !(Number.isInteger(days) && days > 0))
    throw new Error(`--days must be a whole number of days, not ${values.days}`);
  const name = values.name;
  return withStore(async (sql) => {
    const store = createSqlAccessStore(sql);
    const nowMs = systemClock.now();
    const { record, token } = await issueApiToken(
      store,
      { name, role, expiresAtMs: days === null ? null : nowMs + days * DAY_MS },
      nowMs,
    );
    await createRecordAudit(
      store,
      systemClock,
    )({
      actor: 'system',
      action: 'createApiToken',
      subject: record.id,
      detail: { name, role, by: 'command line' },
    });
    console.log(token);
    return 0;
  });
}

async function resetPassword(): Promise<number> {
  const { values } = parseArgs({ args: rest, options: { name: { type: 'string', default: 'admin' } } });
  return withStore(async (sql) => {
    const store = createSqlAccessStore(sql);
    const record = createRecordAudit(store, systemClock);
    const user = await store.userByName(values.name);
    if (!user) throw new Error(`there is no user ${values.name}`);
    const password = newPassword();
    await createAccess({ store, record }).setPassword(user.id, password);
    await record({
      actor: 'system',
      action: 'user.password-reset',
      subject: user.id,
      detail: { name: user.name, by: 'command line' },
    });
    console.log(password);
    return 0;
  });
}

async function auditVerify(): Promise<number> {
  const { values } = parseArgs({ args: rest, options: { head: { type: 'string' } } });
  return withStore(async (sql) => {
    const verdict = await verifyAudit(createSqlAccessStore(sql), values.head);
    if (verdict.brokenAt !== null) {
      console.error(
        `The chain is broken at entry ${verdict.brokenAt}: this entry or one before it was changed after it was written.`,
      );
      return 1;
    }
    if (verdict.knownHashFound === false) {
      console.error(
        `No entry has the hash ${values.head}: entries were cut off at the end, or the hash is of another server.`,
      );
      return 1;
    }
    console.log(`${verdict.entries} entries, the chain is whole. Head: ${verdict.head.hash}`);
    return 0;
  });
}

async function backup(): Promise<number> {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { to: { type: 'string' } } });
  if (!values.to) throw new Error('--to is missing: an empty or new folder');
  const to = resolve(values.to);
  const folder = dataFolder(readConfig().dataDir);
  const answer = await askServer(folder.controlSocket, 'backup', { to });
  if (answer) {
    console[answer.ok ? 'log' : 'error'](answer.message);
    return answer.ok ? 0 : 1;
  }
  if (holderOf(join(folder.path, 'server.pid')) !== null)
    throw new Error(`a server runs in ${folder.path} but does not answer on ${folder.controlSocket}`);
  // Nothing may start to write while the files are copied from here.
  const release = openDataFolder(folder);
  process.once('exit', release);
  return withStore(async (sql) => {
    // Loaded only here: the other commands start faster without it.
    const { openMetricEngine } = await import('../store/engine/engine.ts');
    const metrics = await openMetricEngine({ folder: folder.metrics });
    try {
      console.log(
        await makeBackup({ from: folder.path, to, sql, metrics, version: VERSION, nowMs: systemClock.now() }),
      );
      return 0;
    } finally {
      await metrics.close();
    }
  });
}

function restore(): number {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { from: { type: 'string' } } });
  if (!values.from) throw new Error('--from is missing: the folder of a backup');
  console.log(restoreBackup(resolve(values.from), readConfig().dataDir));
  return 0;
}

async function withStore<T>(work: (sql: SqlStore) => Promise<T>): Promise<T> {
  const folder = dataFolder(readConfig().dataDir);
  if (!existsSync(folder.database))
    throw new Error(
      `${folder.path} holds no Muster database. Start the server once, or set MUSTER_DATA_DIR.`,
    );
  const sql = await openSqlStore({ file: folder.database, nowMs: systemClock.now() });
  try {
    return await work(sql);
  } finally {
    await sql.close();
  }
}

/** Another program of the repository, on the same Node and terminal. */
async function delegate(script: string): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, script), ...process.argv.slice(3)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve_(code ?? 1));
  });
}
