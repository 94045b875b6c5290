import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { type SettingsInput, settingsFrom } from '../config.ts';
import { examine, type Finding, STEPS, type StepName } from './doctor.ts';
import type { CertificateSeen, DoctorPort, HttpSeen, StatusSeen } from './port.ts';
import { findingsText } from './text.ts';

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const KEY = 'S'.repeat(43);
const PIN = `${'A'.repeat(43)}=`;
const TOKEN = 'enr_very-secret-token';
const SETTINGS: SettingsInput = { server: 'wss://muster.example:8420', serverKey: KEY, token: TOKEN };

const certificate: CertificateSeen = {
  protocol: 'TLSv1.3',
  subject: 'muster.example',
  issuer: 'Example Authority',
  names: ['DNS:muster.example'],
  fromMs: NOW_MS - 30 * DAY_MS,
  toMs: NOW_MS + 300 * DAY_MS,
  pin: PIN,
  distrust: null,
};
const http: HttpSeen = { type: 'answer', status: 200, dateMs: NOW_MS, through: '' };
const status: StatusSeen = {
  running: true,
  successor: null,
  online: true,
  pendingApproval: false,
  problem: null,
  spool: { depth: 0, usedBytes: 0, dropped: 0, fault: null },
};
const refused = (code: string): StatusSeen => ({
  ...status,
  online: false,
  problem: { code, detail: `the server says ${code}`, hint: 'What to do.' },
});

/** A machine on which all is well, but for `ill`. */
function port(ill: Partial<DoctorPort> = {}, input: Partial<SettingsInput> = {}): DoctorPort {
  return {
    now: () => NOW_MS,
    configuration: () => ({
      type: 'read',
      settings: settingsFrom({ ...SETTINGS, ...input }),
      dataDir: '/var/lib/muster-agent',
      refused: null,
    }),
    folder: () => ({ type: 'there', mode: 0o700, keyMode: 0o600, writable: true }),
    availableBytes: () => 10 * 2 ** 30,
    status: () => status,
    identity: () => ({ enrolledWith: KEY, trustedAtFirstSight: null }),
    service: async () => ({ type: 'systemd', active: 'active', enabled: true, restarts: 0 }),
    nameServers: () => ['192.0.2.53'],
    lookUp: async () => ({ type: 'found', addresses: ['192.0.2.1', '2001:db8::1'], tookMs: 3 }),
    connect: async () => ({ type: 'connected', tookMs: 5 }),
    tunnel: async () => ({ type: 'open' }),
    ask: async () => ({ certificate, tls: null, http }),
    greet: async () => ({ type: 'proved', serverKey: KEY }),
    ...ill,
  };
}

const failure = (code: string) => ({ type: 'failure', code, detail: `${code} happened` }) as const;
const found = (findings: readonly Finding[], step: StepName) =>
  findings.find((finding) => finding.step === step) ?? expect.fail(`no step ${step}`);
const asked = (part: Partial<CertificateSeen>, answer: Partial<HttpSeen> = {}) => ({
  ask: async () => ({
    certificate: { ...certificate, ...part },
    tls: null,
    http: { ...http, ...answer },
  }),
});

test('[AT1] where all is well every step is ok, in one order', async () => {
  const findings = await examine(port());
  expect(findings.map(({ step }) => step)).toEqual([...STEPS]);
  expect(findings.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect(findingsText(findings)).toMatch(/Nothing stands in the way\.$/);
});

const ILL: readonly [
  string,
  StepName,
  'failed' | 'warning',
  RegExp,
  Partial<DoctorPort>,
  Partial<SettingsInput>?,
][] = [
  [
    'a configuration that only root may read',
    'configuration',
    'failed',
    /sudo/,
    {
      configuration: () => ({
        type: 'unreadable',
        detail: 'EACCES',
        forbidden: { path: '/etc/x/config.json', agentUser: null },
      }),
    },
  ],
  [
    'a data folder that is gone',
    'data folder',
    'failed',
    /Start the agent/,
    { folder: () => ({ type: 'missing' }) },
  ],
  [
    'a key that others may read',
    'data folder',
    'failed',
    /chmod 700.*revoke/,
    { folder: () => ({ type: 'there', mode: 0o700, keyMode: 0o644, writable: true }) },
  ],
  [
    'a folder of somebody else',
    'data folder',
    'failed',
    /chown/,
    { folder: () => ({ type: 'there', mode: 0o700, keyMode: null, writable: false }) },
  ],
  ['a full disk', 'disk', 'failed', /Free some space/, { availableBytes: () => 1 << 20 }],
  ['a disk that is nearly full', 'disk', 'warning', /Free some space/, { availableBytes: () => 20 << 20 }],
  [
    'a disk that takes nothing',
    'spool',
    'failed',
    /mend the disk/,
    { status: () => ({ ...status, spool: { ...status.spool, fault: 'ENOSPC' } }) },
  ],
  [
    'dropped entries',
    'spool',
    'warning',
    /reported/,
    { status: () => ({ ...status, spool: { ...status.spool, dropped: 7 } }) },
  ],
  [
    'a stopped service',
    'service',
    'failed',
    /muster-agent start/,
    { service: async () => ({ type: 'systemd', active: 'failed', enabled: true, restarts: 0 }) },
  ],
  [
    'a service that does not start with the machine',
    'service',
    'warning',
    /systemctl enable/,
    { service: async () => ({ type: 'systemd', active: 'active', enabled: false, restarts: 0 }) },
  ],
  [
    'no process, without systemd',
    'service',
    'failed',
    /muster-agent start/,
    {
      service: async () => ({ type: 'none', systemd: false, abandoned: null }),
      status: () => ({ ...status, running: false, online: false }),
    },
  ],
  [
    'a supervisor that is gone',
    'service',
    'warning',
    /^muster-agent start\.$/,
    { service: async () => ({ type: 'none', systemd: false, abandoned: 4711 }) },
  ],
  [
    'a status of the agent before, under systemd',
    'service',
    'warning',
    /Free some space/,
    { status: () => ({ ...status, online: false, successor: 4711 }) },
  ],
  [
    'a status of the agent before, without systemd',
    'service',
    'warning',
    /Free some space/,
    {
      service: async () => ({ type: 'none', systemd: false, abandoned: null }),
      status: () => ({ ...status, online: false, successor: 4711 }),
    },
  ],
  ['an unknown name', 'name', 'failed', /slip/, { lookUp: async () => failure('ENOTFOUND') }],
  [
    'a name server that is silent',
    'name',
    'failed',
    /resolv\.conf/,
    { lookUp: async () => failure('EAI_AGAIN') },
  ],
  [
    'a slow name server',
    'name',
    'warning',
    /resolv\.conf/,
    { lookUp: async () => ({ type: 'found', addresses: ['192.0.2.1'], tookMs: 5_000 }) },
  ],
  [
    'nothing listens',
    'connection',
    'failed',
    /does the server run/,
    { connect: async () => failure('ECONNREFUSED') },
  ],
  [
    'a firewall',
    'connection',
    'failed',
    /firewall on the way/,
    { connect: async () => failure('ETIMEDOUT') },
  ],
  ['no route', 'connection', 'failed', /no route/, { connect: async () => failure('ENETUNREACH') }],
  [
    'IPv6 that leads nowhere',
    'connection',
    'warning',
    /another address/,
    {
      connect: async (address) =>
        address.includes(':') ? failure('ENETUNREACH') : { type: 'connected', tookMs: 1 },
    },
  ],
  [
    'a proxy that wants a password',
    'proxy',
    'failed',
    /user:password/,
    { tunnel: async () => ({ type: 'failure', detail: 'wants', hint: 'user:password' }) },
    { proxy: 'http://proxy:3128' },
  ],
  [
    'a port that speaks no TLS',
    'TLS',
    'failed',
    /the address and the port/,
    {
      ask: async () => ({
        certificate: null,
        tls: failure('ERR_SSL_WRONG_VERSION_NUMBER'),
        http: failure(''),
      }),
    },
  ],
  ['TLS 1.2 where TLS must reach the server', 'TLS', 'failed', /TLS 1\.3/, asked({ protocol: 'TLSv1.2' })],
  [
    'another key than the pinned one',
    'TLS',
    'failed',
    /renewed with a new key/,
    asked({ pin: 'other' }),
    { tlsPin: PIN },
  ],
  [
    'an expired certificate',
    'TLS',
    'failed',
    /Renew/,
    asked({ toMs: NOW_MS - HOUR_MS, distrust: 'CERT_HAS_EXPIRED' }),
  ],
  ['a certificate that ends soon', 'TLS', 'warning', /Renew/, asked({ toMs: NOW_MS + 3 * DAY_MS })],
  [
    'another name',
    'TLS',
    'failed',
    /one of its names/,
    asked({ distrust: 'ERR_TLS_CERT_ALTNAME_INVALID', names: ['DNS:other.example'] }),
  ],
  ['an unknown authority', 'TLS', 'failed', /--ca/, asked({ distrust: 'SELF_SIGNED_CERT_IN_CHAIN' })],
  ['a gateway whose server is away', 'HTTP', 'warning', /trouble of its own/, asked({}, { status: 502 })],
  [
    'a clock that is two minutes off',
    'clock',
    'warning',
    /timedatectl/,
    asked({}, { dateMs: NOW_MS + 2 * MINUTE_MS }),
  ],
  [
    'a clock two days ahead',
    'clock',
    'failed',
    /refuses readings/,
    asked({}, { dateMs: NOW_MS - 2 * DAY_MS }),
  ],
  [
    'a proxy that eats the upgrade',
    'WebSocket',
    'failed',
    /Upgrade and Connection/,
    {
      greet: async () => ({
        type: 'failure',
        upgraded: false,
        code: 'unreachable',
        detail: 'HTTP status 400 where a WebSocket was expected',
        hint: '',
      }),
    },
  ],
  [
    'another server',
    'server key',
    'failed',
    /hint/,
    {
      greet: async () => ({
        type: 'failure',
        upgraded: true,
        code: 'server-key-mismatch',
        detail: 'other',
        hint: 'the hint',
      }),
    },
  ],
  ['a revoked key', 'agent key', 'failed', /What to do/, { status: () => refused('revoked') }],
  ['a copied key', 'agent key', 'failed', /What to do/, { status: () => refused('cloned-identity') }],
  [
    'an agent that waits',
    'agent key',
    'warning',
    /Let it in/,
    { status: () => ({ ...status, pendingApproval: true }) },
  ],
  [
    'a key of another server, and a token',
    'agent key',
    'warning',
    /enrols anew/,
    { identity: () => ({ enrolledWith: 'T'.repeat(43), trustedAtFirstSight: null }) },
  ],
  [
    'an expired token',
    'token',
    'failed',
    /What to do/,
    {
      status: () => refused('token-expired'),
      identity: () => ({ enrolledWith: null, trustedAtFirstSight: null }),
    },
  ],
  [
    'a used up token',
    'token',
    'failed',
    /What to do/,
    {
      status: () => refused('token-exhausted'),
      identity: () => ({ enrolledWith: null, trustedAtFirstSight: null }),
    },
  ],
  [
    'no token',
    'token',
    'failed',
    /Add a machine/,
    { identity: () => ({ enrolledWith: null, trustedAtFirstSight: null }) },
    { token: undefined },
  ],
];

test.each(ILL)('[AT1] %s: %s %s, and what to do', async (_, step, outcome, fix, ill, input = {}) => {
  const finding = found(await examine(port(ill, input)), step);
  expect(finding).toMatchObject({ outcome, fix: expect.stringMatching(fix) });
});

test('[AT134] of an agent that runs and cannot write its status nothing is told that is of the one before', async () => {
  const spool = { ...status.spool, fault: 'ENOSPC' };
  const seen = { ...status, online: false, successor: 4711, spool };
  const findings = await examine(port({ availableBytes: () => 0, status: () => seen }));
  expect(found(findings, 'disk').outcome).toBe('failed');
  expect(found(findings, 'service').seen).toMatch(/^runs as 4711, and has not written its status/);
  expect(found(findings, 'spool').outcome).toBe('skipped');
});

test('[AT135] of a supervisor that is gone the doctor says that nothing would start the agent again', async () => {
  const service = async () => ({ type: 'none', systemd: false, abandoned: 4711 }) as const;
  const findings = await examine(port({ service }));
  expect(found(findings, 'service').seen).toBe(
    'runs as 4711, and nothing would start it again: its supervisor is gone',
  );
  expect(findingsText(findings)).toMatch(/see the warnings\.$/);
});

test('[AT2] what cannot be done because of another step is skipped and names the one to mend', async () => {
  const findings = await examine(port({ lookUp: async () => failure('ENOTFOUND') }));
  const after = findings.slice(STEPS.indexOf('connection'), STEPS.indexOf('agent key'));
  expect(after.map(({ outcome, seen }) => [outcome, seen])).toEqual(
    after.map(() => ['skipped', 'because of: name']),
  );
  expect(found(findings, 'token').outcome).toBe('ok');
});

test('[AT113] plain text that nobody has allowed is refused, and the way is looked at all the same', async () => {
  const settings = settingsFrom({ server: 'ws://muster.example', insecure: true });
  const findings = await examine(
    port({
      configuration: () => ({
        type: 'read',
        settings,
        dataDir: '/d',
        refused: 'plain text; "insecure": true',
      }),
      lookUp: async () => failure('ENOTFOUND'),
    }),
  );
  expect(found(findings, 'configuration')).toMatchObject({
    outcome: 'failed',
    seen: expect.stringContaining('"insecure": true'),
  });
  expect(found(findings, 'name')).toMatchObject({
    outcome: 'failed',
    seen: expect.stringContaining('ENOTFOUND'),
  });
});

test.each([
  [24, /within 1 s of the server/],
  [-400, /within 1 s of the server/],
  [400, /within 1 s of the server/],
  [9_500, /about (9|10) s ahead of the server/],
  [-9_500, /about (9|10) s behind the server/],
])(
  '[AT7] a clock %d ms ahead is told as exactly as the whole seconds of the Date header allow',
  async (aheadMs, words) => {
    for (const serverMs of [0, 499, 999]) {
      const dateMs = Math.floor((NOW_MS - aheadMs + serverMs) / 1_000) * 1_000;
      const findings = await examine(port({ ...asked({}, { dateMs }), now: () => NOW_MS + serverMs }));
      expect(found(findings, 'clock').seen).toMatch(words);
    }
  },
);

test('[AT1] an agent that knows no server yet is told so, with the way on, and the other steps are one line', async () => {
  const findings = await examine(port({ configuration: () => ({ type: 'none' }) }));
  expect(found(findings, 'configuration')).toMatchObject({
    outcome: 'failed',
    seen: expect.stringContaining('knows no server yet'),
    fix: expect.stringContaining('muster-agent configure --help'),
  });
  const lines = findingsText(findings).split('\n');
  expect(lines.filter((line) => line.startsWith('skipped'))).toEqual([
    `skipped ${STEPS.slice(1).join(', ')}: because of: configuration`,
  ]);
  expect(lines.at(-1)).toBe('configuration: mend this, and look again.');
});

test('[AT1] of several failed steps the first is to be mended first', async () => {
  const ill = { availableBytes: () => 0, folder: () => ({ type: 'missing' }) as const };
  expect(findingsText(await examine(port(ill)))).toMatch(/\ndata folder, disk: mend the first one first\.$/);
});

test('[AT123] advice that two steps have is printed once, and the second one points at the first', () => {
  const fix = 'Install the agent again.';
  const judgement = { outcome: 'failed', seen: 'it is wrong', fix } as const;
  const text = findingsText([
    { step: 'server key', ...judgement },
    { step: 'agent key', ...judgement },
  ]);
  expect(text.split(fix)).toHaveLength(2);
  expect(text).toMatch(/\nFAILED {2}agent key +it is wrong\n +As above: server key\.\n/);
});

test('[AT2] whoever may not look is told so, and nothing is guessed', async () => {
  const findings = await examine(
    port({ folder: () => ({ type: 'closed' }), status: () => null, identity: () => null }),
  );
  for (const step of ['data folder', 'spool', 'agent key', 'token'] as const)
    expect(found(findings, step).outcome).toBe('skipped');
  expect(found(findings, 'server key').outcome).toBe('ok');
});

test('[AT3] neither token nor password is in any finding, whatever is wrong', async () => {
  const input = { proxy: 'http://agent:hidden-word@proxy:3128' };
  for (const [, , , , ill] of ILL) {
    const text = findingsText(await examine(port(ill, input)));
    expect(text).not.toMatch(/hidden-word|very-secret/);
    expect(text).not.toContain(Buffer.from('agent:hidden-word').toString('base64'));
  }
});

test('[AT4] a token that was not used is not tried', async () => {
  const { outcome, seen } = found(
    await examine(
      port({ status: () => null, identity: () => ({ enrolledWith: null, trustedAtFirstSight: null }) }),
    ),
    'token',
  );
  expect([outcome, seen]).toEqual(['ok', expect.stringContaining('shows when the agent uses it')]);
});

test('[AT111] a key in the configuration that is not that of the own server is told as such, and no token is asked for', async () => {
  const identity = () => ({ enrolledWith: 'T'.repeat(43), trustedAtFirstSight: null });
  const findings = await examine(port({ identity }, { token: undefined }));
  expect(found(findings, 'agent key')).toMatchObject({
    outcome: 'failed',
    seen: expect.stringContaining(
      `in the configuration, ${KEY}, is not that of the server it is enrolled with, ${'T'.repeat(43)}`,
    ),
    fix: expect.stringMatching(/"serverKey".*Add a machine.*muster-agent configure/),
  });
  expect(found(findings, 'token').outcome).toBe('skipped');
  expect(findingsText(findings)).not.toContain('--token');
});

test('[AT4] an old refusal says nothing once the agent is connected', async () => {
  const findings = await examine(port({ status: () => ({ ...refused('token-expired'), online: true }) }));
  expect(found(findings, 'token').outcome).toBe('ok');
});

test.each([
  [
    'by its authority, where nothing trusts it',
    { issuer: 'Zscaler Inc., Zscaler Root CA', distrust: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
    {},
  ],
  ['by its authority, where the machine trusts it', { issuer: 'Fortinet, FGT60F' }, {}],
  ['by the pin', { issuer: 'Sangfor SSL Inspection', pin: 'other' }, { tlsPin: PIN }],
])('[AT5] a device that opens TLS is called by its name: %s', async (_, part, input) => {
  const finding = found(await examine(port(asked(part), input)), 'TLS');
  expect(finding).toMatchObject({
    outcome: 'failed',
    seen: expect.stringMatching(/"(Zscaler|Fortinet|Sangfor)" on the way opens TLS/),
    fix: expect.stringContaining('muster.example:8420 through unopened'),
  });
});

test('[AT7] a certificate that only this clock finds invalid is the clock’s fault', async () => {
  const part = { fromMs: NOW_MS + DAY_MS, toMs: NOW_MS + 90 * DAY_MS, distrust: 'CERT_NOT_YET_VALID' };
  const findings = await examine(port(asked(part, { dateMs: NOW_MS + 2 * DAY_MS })));
  expect(found(findings, 'TLS')).toMatchObject({
    outcome: 'failed',
    fix: expect.stringContaining('Set the clock'),
  });
  expect(found(findings, 'clock').outcome).toBe('warning');
});

test.each<[string, Partial<DoctorPort>, RegExp]>([
  ['whose name is not known', { lookUp: async () => failure('ENOTFOUND') }, /name is not known \(ENOTFOUND/],
  [
    'on whose port nothing listens',
    { connect: async () => failure('ECONNREFUSED') },
    /does not answer: 192\.0\.2\.1: ECONNREFUSED/,
  ],
  [
    'that says nothing',
    { connect: async () => ({ type: 'failure', code: 'ETIMEDOUT', detail: 'no answer' }) },
    /does not answer: 192\.0\.2\.1: ETIMEDOUT/,
  ],
])('[AT110] a proxy %s is the broken step, and nothing speaks of the server', async (_, ill, seen) => {
  const findings = await examine(port(ill, { proxy: 'http://proxy.example:3128' }));
  expect(found(findings, 'proxy')).toMatchObject({
    outcome: 'failed',
    seen: expect.stringMatching(seen),
    fix: expect.stringContaining('"proxy": "none"'),
  });
  expect(found(findings, 'proxy').seen).toContain('http://proxy.example:3128 (from the configuration)');
  expect(found(findings, 'connection')).toMatchObject({ outcome: 'skipped', seen: 'because of: proxy' });
  expect(findingsText(findings)).not.toMatch(/does the server run|muster\.example:8420, /);
});

test('[AT1] behind a proxy it is the proxy that is looked up and connected to', async () => {
  const asked: string[] = [];
  const findings = await examine(
    port(
      {
        lookUp: async (host) => {
          asked.push(host);
          return { type: 'found', addresses: ['192.0.2.8'], tookMs: 1 };
        },
        connect: async (address, to) => {
          asked.push(`${address} ${to}`);
          return { type: 'connected', tookMs: 1 };
        },
      },
      { proxy: 'http://proxy.example:3128' },
    ),
  );
  expect(asked).toEqual(['proxy.example', '192.0.2.8 3128']);
  expect(found(findings, 'proxy').seen).toBe(
    'http://proxy.example:3128, from the configuration, lets through',
  );
});
