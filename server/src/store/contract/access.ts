/** What every store of users, sessions, tokens and the audit log does. */
import { expect, test } from 'vitest';
import { checkChain, CHAIN_START } from '../../access/audit-chain.ts';
import type { AccessStore, SessionRecord, UserRecord } from '../../access/store.ts';

const user = (id: string, change: Partial<UserRecord> = {}): UserRecord => ({
  id,
  name: id,
  displayName: id,
  role: 'viewer',
  language: null,
  disabled: false,
  passwordHash: 'hash',
  createdAtMs: 1,
  lastSignInAtMs: null,
  ...change,
});
const admin = (id: string) => user(id, { role: 'admin' });
const session = (tokenHash: string, userId: string, atMs = 1): SessionRecord => ({
  id: `ses-${tokenHash}`,
  tokenHash,
  userId,
  apiTokenId: null,
  createdAtMs: atMs,
  lastUsedAtMs: atMs,
  expiresAtMs: atMs + 100,
  address: '10.0.0.1',
  browser: 'Firefox',
  system: 'Windows',
});
const apiToken = (id: string) => ({
  id,
  name: id,
  role: 'viewer' as const,
  tokenHash: `hash-${id}`,
  createdAtMs: 1,
  expiresAtMs: null,
  lastUsedAtMs: null,
});
const event = (action: string, subject = 'thing') => ({
  actor: 'system',
  action,
  subject,
  detail: { b: 1, a: '王' },
});

/** `use` runs a test body with an empty store. */
export function accessContract(
  name: string,
  use: (body: (store: AccessStore) => Promise<void>) => Promise<void>,
): void {
  const contract = (title: string, body: (store: AccessStore) => Promise<void>) =>
    test(`${title} (${name})`, () => use(body));

  contract('[AC1] a user is found by id and by name in any letter case or width', async (store) => {
    await store.addUser(user('u1', { name: 'Anna' }));
    expect(await store.user('u1')).toEqual(user('u1', { name: 'Anna' }));
    expect((await store.userByName('ａNNA'))?.id).toBe('u1');
    expect(await store.user('u2')).toBeNull();
    expect(await store.userByName('bert')).toBeNull();
  });

  contract('[AC1] two users cannot have names that differ by letter case only', async (store) => {
    await store.addUser(user('u1', { name: 'Anna' }));
    await expect(store.addUser(user('u2', { name: 'anna' }))).rejects.toMatchObject({ code: 'name-taken' });
    expect(await store.user('u2')).toBeNull();
  });

  contract('[AC2] the first user is added once, however many ask', async (store) => {
    const added = await Promise.all([store.addFirstUser(admin('a')), store.addFirstUser(admin('b'))]);
    expect(added).toEqual([true, false]);
    expect(await store.listUsers({ limit: 10, after: null })).toEqual([admin('a')]);
  });

  contract('[AC1] users are listed by name, page by page', async (store) => {
    for (const id of ['c', 'a', 'b']) await store.addUser(user(id));
    const ids = async (after: string | null) =>
      (await store.listUsers({ limit: 2, after })).map((found) => found.id);
    expect(await ids(null)).toEqual(['a', 'b']);
    expect(await ids('b')).toEqual(['c']);
  });

  contract('[AC3] the last enabled administrator stays one', async (store) => {
    await store.addUser(admin('a'));
    await store.addUser(user('v'));
    const refused = { code: 'last-administrator' };
    await expect(store.changeUser('a', { role: 'viewer' })).rejects.toMatchObject(refused);
    await expect(store.changeUser('a', { disabled: true })).rejects.toMatchObject(refused);
    expect(await store.user('a')).toEqual(admin('a'));
    await store.addUser(admin('b'));
    expect(await store.changeUser('a', { disabled: true })).toMatchObject({ disabled: true });
    await expect(store.changeUser('b', { role: 'desk' })).rejects.toMatchObject(refused);
    expect(await store.changeUser('nobody', { disabled: true })).toBeNull();
  });

  contract('[AC4] disabling a user ends all sessions of that user only', async (store) => {
    await store.addUser(admin('a'));
    await store.addUser(user('v'));
    await store.addSession(session('s1', 'v'));
    await store.addSession(session('s2', 'a'));
    await store.changeUser('v', { disabled: true });
    expect(await store.session('s1')).toBeNull();
    expect(await store.session('s2')).toEqual({
      session: session('s2', 'a'),
      owner: { kind: 'user', user: admin('a') },
    });
  });

  contract('[AC4] a new password ends the other sessions and keeps the present one', async (store) => {
    await store.addUser(admin('a'));
    await store.addSession(session('here', 'a'));
    await store.addSession(session('there', 'a'));
    await store.changeUser('a', { displayName: 'A' });
    expect(await store.session('there')).not.toBeNull();
    await store.changeUser('a', { passwordHash: 'new' }, { keepSession: 'here' });
    expect(await store.session('there')).toBeNull();
    expect((await store.session('here'))?.owner).toMatchObject({ user: { passwordHash: 'new' } });
  });

  contract('[AC5] sessions are touched, ended, and forgotten when old', async (store) => {
    await store.addUser(admin('a'));
    for (const [hash, atMs] of [
      ['old', 10],
      ['used', 20],
      ['new', 100],
    ] as const) {
      await store.addSession(session(hash, 'a', atMs));
    }
    await store.touchSession('used', 90);
    expect((await store.session('used'))?.session.lastUsedAtMs).toBe(90);
    expect(await store.dropSessions({ expiredByMs: 0, usedBeforeMs: 50 })).toBe(1);
    expect(await store.session('old')).toBeNull();
    expect(await store.dropSessions({ expiredByMs: 120, usedBeforeMs: 0 })).toBe(1);
    expect(await store.session('used')).toBeNull();
    expect(await store.endSession('new')).toBe(true);
    expect(await store.endSession('new')).toBe(false);
    expect(await store.session('new')).toBeNull();
  });

  contract(
    '[AC13] sessions are listed last used first, and ended one by one or all but one',
    async (store) => {
      await store.addUser(admin('a'));
      await store.addUser(user('v'));
      for (const [hash, id, atMs] of [
        ['s1', 'a', 1],
        ['s2', 'a', 3],
        ['s3', 'a', 2],
        ['s4', 'v', 4],
      ] as const) {
        await store.addSession(session(hash, id, atMs));
      }
      const hashes = async (limit: number) =>
        (await store.listSessions({ userId: 'a' }, limit)).map((one) => one.tokenHash);
      expect(await hashes(9)).toEqual(['s2', 's3', 's1']);
      expect(await hashes(1)).toEqual(['s2']);
      expect(await store.endSessionOfUser('a', 'ses-s4')).toBe(false);
      expect(await store.endSessionOfUser('a', 'ses-s2')).toBe(true);
      expect(await store.endSessionsOfUser('a', 's1')).toBe(1);
      expect(await hashes(9)).toEqual(['s1']);
      expect(await store.endSessionsOfUser('a', null)).toBe(1);
      expect((await store.session('s4'))?.session.id).toBe('ses-s4');
    },
  );

  contract(
    '[AC14] a session of an API token does not grow idle and ends when the token is removed',
    async (store) => {
      await store.addApiToken(apiToken('t1'));
      await store.addApiToken(apiToken('t2'));
      for (const id of ['t1', 't2']) {
        await store.addSession({ ...session(id, ''), userId: null, apiTokenId: id });
      }
      expect((await store.session('t1'))?.owner).toEqual({ kind: 'token', token: apiToken('t1') });
      expect(await store.dropSessions({ expiredByMs: 0, usedBeforeMs: 50 })).toBe(0);
      await store.removeApiToken('t1');
      expect(await store.session('t1')).toBeNull();
      expect(await store.session('t2')).not.toBeNull();
    },
  );

  contract('[AC6] API tokens are found by hash, listed by age, touched and removed', async (store) => {
    for (const id of ['t2', 't1', 't3']) await store.addApiToken(apiToken(id));
    expect(await store.apiToken('hash-t1')).toEqual(apiToken('t1'));
    expect(await store.apiToken('t1')).toBeNull();
    await store.touchApiToken('t1', 7);
    expect((await store.apiToken('hash-t1'))?.lastUsedAtMs).toBe(7);
    expect((await store.listApiTokens({ limit: 2, after: 't1' })).map((token) => token.id)).toEqual([
      't2',
      't3',
    ]);
    expect(await store.removeApiToken('t1')).toBe(true);
    expect(await store.removeApiToken('t1')).toBe(false);
    expect(await store.apiToken('hash-t1')).toBeNull();
  });

  contract('[AC7] audit entries form one chain in the order of the calls', async (store) => {
    const entries = await Promise.all([1, 2, 3].map((n) => store.appendAudit(event(`a${n}`), n)));
    expect(entries.map((entry) => [entry.seq, entry.action])).toEqual([
      [1, 'a1'],
      [2, 'a2'],
      [3, 'a3'],
    ]);
    const read = await store.readAudit(0, 10);
    expect(read).toEqual(entries);
    expect(read[0]?.detail).toBe('{"a":"王","b":1}');
    expect(checkChain(CHAIN_START, read)).toEqual({
      head: { seq: 3, hash: entries[2]?.hash },
      brokenAt: null,
    });
    expect((await store.readAudit(1, 1)).map((entry) => entry.seq)).toEqual([2]);
  });

  contract(
    '[AC7] the audit log is listed newest first, by action, actor, subject and time',
    async (store) => {
      for (const [action, subject, atMs] of [
        ['x', '1', 10],
        ['y', '1', 20],
        ['x', '2', 30],
      ] as const) {
        await store.appendAudit(event(action, subject), atMs);
      }
      const seqs = async (query: Partial<Parameters<AccessStore['listAudit']>[0]>) =>
        (await store.listAudit({ limit: 10, beforeSeq: null, ...query })).map((entry) => entry.seq);
      expect(await seqs({})).toEqual([3, 2, 1]);
      expect(await seqs({ limit: 1, beforeSeq: 3 })).toEqual([2]);
      expect(await seqs({ action: 'x' })).toEqual([3, 1]);
      expect(await seqs({ action: 'x', subject: '2' })).toEqual([3]);
      expect(await seqs({ actor: 'system' })).toEqual([3, 2, 1]);
      expect(await seqs({ actor: 'user:anna' })).toEqual([]);
      expect(await seqs({ fromMs: 20 })).toEqual([3, 2]);
      expect(await seqs({ fromMs: 10, toMs: 30, action: 'x' })).toEqual([1]);
    },
  );
}
