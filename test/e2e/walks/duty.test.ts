/**
 * A night and a morning of two engineers on duty: from the message on the phone over the outage, its repair and the verified
 * recovery to the closed incident, and to what the record says of it afterwards.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '@muster/shared/time.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { FastClock } from '../fast-clock.ts';
import {
  ADMIN_PASSWORD,
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  freePort,
  type RunningServer,
  startServer,
  until,
} from '../harness.ts';
import { type Mail, type Receiver, startMailServer, startWebhook } from '../receivers.ts';
import { serversOf, type SimBox, startSimBox } from '../sim-fleet.ts';

const SEED = 11;
/** Waits of minutes pass at this pace; while a person reads and presses, time is as it is. */
const FAST = 30;
const STEP_MS_MAX = 20_000;
const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  colorScheme: 'dark',
} as const;
const DESK = { viewport: { width: 1440, height: 900 }, locale: 'zh-CN' } as const;
const NOTE = 'Asked Hangzhou to look at the console; dumps can go.';
const CAUSE = '磁盘写满后数据库崩溃，主机随之重启';
const ACTION = '清理旧转储文件，扩容数据卷';

interface Ci {
  id: string;
  name: string;
}
interface Message {
  event: string;
  subject: string;
  text: string;
  incident: { ref: string; url: string; priority: number; ciName: string };
}
interface Incident {
  id: string;
  ref: string;
  state: string;
  priority: number;
  assignee: string | null;
  ci: Ci | null;
  affected: { name: string }[];
  alerts: { ciName: string }[];
  cause: string | null;
  needsCause: boolean;
  unclaimedSince: string | null;
  mergedInto: { ref: string } | null;
}
interface Acknowledged {
  instance: string;
  acknowledgement: { until: string | null; note: string } | null;
}
interface Target {
  current: { usedSeconds: number; leftSeconds: number } | null;
}

describe.skipIf(!CHROMIUM)('a night on duty', () => {
  const clock = new FastClock();
  const boxes: SimBox[] = [];
  let server: RunningServer;
  let browser: Browser;
  let phone: Page;
  let desk: Page;
  let webhook: Receiver<Message>;
  let mails: Receiver<Mail>;
  /** The data base, and two application servers that stand in for each other. */
  let cis: [Ci, Ci, Ci];
  let service: Ci;
  /** The incidents of the night: first the disk, then the outage. */
  let disk = '';
  let outage = '';
  const pages = new Map<string, Page>();

  beforeAll(async () => {
    const port = await freePort();
    [server, webhook, mails] = await Promise.all([
      startServer({ port, env: { ...clock.env, MUSTER_PUBLIC_URL: `http://127.0.0.1:${port}` } }),
      startWebhook<Message>(),
      startMailServer(),
    ]);
    const launched = await launchBrowser();
    if (launched === null) throw new Error('no browser');
    browser = launched;
    const token = await enrolmentToken(server);
    for (const index of serversOf(SEED, 3))
      boxes.push(startSimBox({ server: server.url, token, seed: SEED, index, clock }));
    await furnish();
  }, 120_000);
  afterEach(async ({ task }) => {
    slow();
    if (task.result?.state !== 'fail') return;
    const folder = join(tmpdir(), 'muster-e2e-failed');
    mkdirSync(folder, { recursive: true });
    for (const [name, page] of pages) {
      const path = join(folder, `duty-${name}.png`);
      await page.screenshot({ path, fullPage: true });
      console.log(`what ${name} saw: ${path}`);
    }
    console.log(`the server printed:\n${server.output()}`);
  });
  afterAll(async () => {
    for (const box of boxes) box.stop();
    await browser?.close();
    webhook?.close();
    mails?.close();
    await cleanUp();
  });

  test('[NT3] [NT8] two full disks at night become messages that say what, where, since when, how bad and what to do', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    boxes[0]?.breaks('disk-full');
    const message = await told('incident.opened', `File system in use of / on ${db.name}`);
    disk = message.incident.ref;
    expect(message.subject).toMatch(new RegExp(`^\\[P1\\] Opened: File system in use of / on ${db.name} `));
    expect(message.text).toMatch(/has been at or above 95 % since \d/);
    expect(message.text).toMatch(/P1: impact 1 \(.*1 service at risk: ERP\)/);
    expect(message.text).toContain('Hangzhou DC 1');
    expect(message.text).toContain('Remove old logs, dumps and packages, or extend the volume.');
    expect(message.text).toContain(`${server.url}/incidents/${disk}`);
    // A first attempt that took too long is repeated.
    fast();
    const mail = await until(() => mails.received.find(({ subject }) => subject.includes(disk)), {
      withinMs: STEP_MS_MAX,
      what: 'the mail has arrived',
    });
    slow();
    expect(mail).toMatchObject({ to: ['night@example.org'] });
    expect(mail.subject).toMatch(/^\[P1\] 新事件：/);
    expect(mail.text).toContain(`${server.url}/incidents/${disk}`);
  });

  test('[DB128] its link leads over the sign-in to that incident, which says it all on a small dark screen', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    const path = new URL(linkIn(disk)).pathname;
    phone = await enter('phone', path, 'li.na', PHONE);
    await phone.getByRole('heading', { level: 1, name: `File system in use of / on ${db.name}` }).waitFor();
    expect(new URL(phone.url()).pathname).toBe(`/incidents/${disk}`);
    const main = phone.getByRole('main');
    await main.getByText('New, nobody has it').waitFor();
    // Where it is and what hangs on it, before she scrolls.
    const head = main.locator('header').first();
    for (const fact of ['Hangzhou DC 1', 'ERP', 'Platform']) {
      const box = await head.getByRole('definition').filter({ hasText: fact }).boundingBox();
      expect(box?.y ?? Infinity).toBeLessThan(PHONE.viewport.height);
    }
    await main.getByText(/Remove old logs, dumps and packages/).waitFor();
    await card(phone, 'Suspects').getByText('Criticality 3 → 1').waitFor();
    await card(phone, 'Why P1')
      .getByText(/1 service at risk: ERP/)
      .waitFor();
    await card(phone, 'At the breach').getByText('ERP').waitFor();
    await card(phone, 'Evidence')
      .getByRole('group', { name: /File system in use/ })
      .waitFor();
    const where = card(phone, 'Affected');
    await where.getByRole('link', { name: db.name }).waitFor();
    await where.getByText('Hangzhou DC 1').waitFor();
    await where.getByText('Platform', { exact: true }).waitFor();
    expect(await sideways(phone)).toBe(0);
    expect(await darkness(phone)).toBeLessThan(0.2);
  });

  test('[IC9] [IC15] she takes it, notes what she does, and gives it to a second engineer', {
    timeout: 120_000,
  }, async () => {
    await phone.getByRole('button', { name: 'Take it' }).tap();
    await phone.getByText('Assigned, Li Na').first().waitFor();
    await phone.getByRole('textbox', { name: 'Write a note' }).fill(NOTE);
    await phone.getByRole('button', { name: 'Add', exact: true }).tap();
    await card(phone, 'Timeline').getByText(NOTE).waitFor();
    await phone.getByRole('button', { name: 'Assign' }).tap();
    const dialog = phone.getByRole('dialog');
    await dialog.getByLabel('Who has it').selectOption({ label: '王伟 (wang.wei)' });
    await dialog.getByRole('button', { name: 'Assign' }).tap();
    await phone.getByText('Assigned, 王伟').first().waitFor();
    expect(await incident(disk)).toMatchObject({ assignee: 'wang.wei', state: 'assigned' });
  });

  test('[CR14] she has seen the smaller one too: acknowledged with a reason, until an hour is over', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    await phone.goto('/alerts');
    const row = phone.locator('[data-row-id]').filter({ hasText: '/var/lib/data' });
    await row.getByRole('checkbox', { name: `Choose the alert on ${db.name}` }).check();
    await phone
      .getByRole('region', { name: 'Chosen alerts' })
      .getByRole('button', { name: 'Acknowledge' })
      .tap();
    const dialog = phone.getByRole('dialog');
    await dialog.getByLabel('Until').selectOption({ label: 'one hour' });
    await dialog.getByLabel('Why').fill('Same cause as the other disk.');
    await dialog.getByRole('button', { name: 'Acknowledge' }).tap();
    await phone.getByText('1 alert acknowledged.').waitFor();
    await row.getByText('li.na has seen it').waitFor();
    const { items } = await server.api<{ items: Acknowledged[] }>('GET', '/alerts?state=acknowledged');
    const seen = items.find(({ instance }) => instance === '/var/lib/data')?.acknowledgement;
    expect(seen?.note).toBe('Same cause as the other disk.');
    expect(Math.abs(Date.parse(seen?.until ?? '') - clock.now() - HOUR_MS)).toBeLessThan(60_000);
  });

  test('[IC27] the machine dies: one incident more, of the service that is lost', {
    timeout: 120_000,
  }, async () => {
    const [db, , app2] = cis;
    boxes[2]?.breaks('disk-full');
    boxes[0]?.dies();
    const message = await told('incident.opened', `${db.name} is silent`);
    outage = message.incident.ref;
    expect(message.text).toMatch(/P1: .*1 service lost: ERP/);
    await told('incident.opened', app2.name);
    expect(await incident(outage)).toMatchObject({ needsCause: true, priority: 1, ci: { id: db.id } });
  });

  test('[MW14] [MW55] with one press on the phone its alarms are quiet while she works on it; the incident stays open', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    await phone.goto(new URL(linkIn(outage)).pathname);
    await phone.getByRole('heading', { level: 1, name: `${db.name} is silent since` }).waitFor();
    await card(phone, 'Presence').waitFor();
    await phone.getByRole('button', { name: 'More actions' }).tap();
    await phone.getByRole('menuitem', { name: 'I am working on it now, 2 h' }).tap();
    await phone.getByText(`Alarms of ${db.name} are quiet for 2 hours.`).waitFor();
    await phone
      .getByRole('link', { name: /^In maintenance until / })
      .first()
      .waitFor();
    await card(phone, 'Timeline')
      .getByText(/maintenance/i)
      .first()
      .waitFor();
    expect(await incident(outage)).toMatchObject({ state: 'new', needsCause: true });
    await phone.goto(`/incidents/${disk}`);
  });

  test('[IC21] [IC31] at the desk, in Chinese, the other merges what has one cause', {
    timeout: 120_000,
  }, async () => {
    const [db, , app2] = cis;
    desk = await enter('desk', `/incidents/${outage}`, 'wang.wei', DESK);
    await desk.getByRole('heading', { level: 1, name: new RegExp(`^${db.name} 自 .*起失联`) }).waitFor();
    await desk.getByRole('button', { name: '认领' }).click();
    await desk.getByText('已分派，王伟').first().waitFor();
    const others = await open();
    await menu('将其他事件并入…');
    const dialog = desk.getByRole('dialog');
    for (const { ref } of others.filter((one) => one.ref !== outage))
      await dialog.getByRole('checkbox', { name: new RegExp(`^${ref} `) }).check();
    await dialog.getByLabel('原因').fill('同一台主机：磁盘写满后宕机');
    await dialog.getByRole('button', { name: '合并' }).click();
    await dialog.waitFor({ state: 'detached' });
    await card(desk, '受影响').getByRole('link', { name: app2.name }).waitFor();
    expect((await open()).map(({ ref }) => ref)).toEqual([outage]);
    expect((await incident(disk)).mergedInto?.ref).toBe(outage);
    await phone.getByRole('link', { name: `It goes on in ${outage}` }).waitFor();
  });

  let apart = '';
  test('[IC32] one of them had a cause of its own: it is split out again', { timeout: 120_000 }, async () => {
    const [, , app2] = cis;
    await menu('拆分…');
    const dialog = desk.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: app2.name }).check();
    await dialog.getByLabel('原因').fill('应用服务器的磁盘与此无关');
    await dialog.getByRole('button', { name: '拆分', exact: true }).click();
    await desk.waitForURL((url) => !url.pathname.endsWith(outage));
    apart = new URL(desk.url()).pathname.split('/').at(-1) ?? '';
    const alone = await incident(apart);
    expect(alone).toMatchObject({ assignee: null });
    expect(alone.affected.map(({ name }) => name)).toEqual([app2.name]);
    expect((await incident(outage)).alerts.some(({ ciName }) => ciName === app2.name)).toBe(false);
  });

  test('[IC30] nobody takes that one: it rings again and stands out in the list', {
    timeout: 120_000,
  }, async () => {
    fast();
    const message = await until(
      () =>
        webhook.received.find(
          ({ event, incident: { ref } }) => event === 'incident.unclaimed' && ref === apart,
        ),
      { withinMs: STEP_MS_MAX, what: 'it is told that nobody has it' },
    );
    slow();
    expect(message.subject).toContain('Nobody has it');
    await phone.goto('/incidents');
    const group = phone.getByText('Nobody has them');
    await group.waitFor();
    await phone.getByText(apart).first().waitFor();
    await phone.goto(`/incidents/${apart}`);
    await phone.getByText(/^Nobody has it since .*The channels were told\./).waitFor();
  });

  test('[IC5] [IC10] the machine is back: recovery is verified; without cause and action nothing is closed', {
    timeout: 120_000,
  }, async () => {
    await desk.goto(`/incidents/${outage}`);
    boxes[0]?.mends();
    boxes[0]?.boots();
    fast();
    await desk.getByText(/正在验证恢复，已平稳 \d \/ 5 分钟/).waitFor({ timeout: STEP_MS_MAX });
    await desk.getByText('已验证恢复，王伟').first().waitFor({ timeout: STEP_MS_MAX });
    slow();
    const refused = await desk.evaluate(async (ref) => {
      const response = await fetch(`/api/v1/incidents/${ref}/transitions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ to: 'closed' }),
      });
      return ((await response.json()) as { code?: string }).code;
    }, outage);
    expect(refused).toBe('cause-missing');
    await desk.getByRole('button', { name: '关闭', exact: false }).first().click();
    const dialog = desk.getByRole('dialog');
    await dialog.getByText('非计划中断须填写原因和措施才能关闭。').waitFor();
    await dialog.getByLabel('原因').fill(CAUSE);
    await dialog.getByRole('button', { name: '关闭', exact: true }).last().click();
    expect((await incident(outage)).state).toBe('restored');
    await dialog.getByLabel('采取的措施').fill(ACTION);
    await dialog.getByRole('button', { name: '关闭', exact: true }).last().click();
    await desk.getByText('已关闭，王伟').first().waitFor();
    expect(await incident(outage)).toMatchObject({ state: 'closed', cause: CAUSE, action: ACTION });
  });

  test('[IC36] the month says how long it took until somebody noticed and until it was restored', {
    timeout: 120_000,
  }, async () => {
    await desk.goto('/incidents/times');
    const month = new Date(clock.now()).toISOString().slice(0, 7);
    const cells = desk.getByRole('row').filter({ hasText: month }).getByRole('cell');
    // Of those that were opened, merged ones are not counted a second time.
    await expect.poll(() => cells.nth(1).innerText(), { timeout: STEP_MS_MAX }).toBe('2');
    const [, , noticed, , restored, took] = await cells.allInnerTexts();
    expect(noticed).toMatch(/^\d+ (秒|分钟)/);
    expect(restored).toBe('1');
    expect(took).toMatch(/^\d+ 分钟/);
  });

  test('[AV4] [AV18] the outage stands in the record as what it turned out to be, and the budget of the service is smaller', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    await desk.goto('/availability');
    const row = card(desk, '此期间的中断').getByRole('listitem').filter({ hasText: db.name });
    await row.getByText('主机宕机').waitFor();
    // When it fell silent it was taken for the agent alone.
    await row.getByText('最初记录：未知（代理程序停止）').waitFor();
    const budget = card(desk, '可用率目标').getByRole('listitem').filter({ hasText: service.name });
    await budget.getByText(/已用 \d+ (秒|分钟)/).waitFor();
    expect((await erpTarget()).usedSeconds).toBeGreaterThan(0);
  });

  test('[AV24] [AV31] judged otherwise by one and approved by another, it burdens the budget no more', {
    timeout: 120_000,
  }, async () => {
    const [db] = cis;
    const before = await erpTarget();
    await desk.getByRole('button', { name: service.name, exact: true }).click();
    const row = card(desk, '服务').getByRole('listitem').filter({ hasText: db.name });
    await row.getByText(`停机设备：${db.name}`).waitFor();
    await row.getByRole('button', { name: '重新定性' }).click();
    const dialog = desk.getByRole('dialog');
    await dialog.getByLabel('认定为').selectOption({ label: '非我方责任' });
    await dialog.getByLabel('原因与依据').fill('机房供电故障，见供应商工单 4711');
    await dialog.getByRole('button', { name: '提交申请' }).click();
    const asked = card(desk, '记录的重新定性').getByRole('listitem').filter({ hasText: service.name });
    await asked.getByText('由您申请，须由他人审批。').waitFor();
    expect(await asked.getByRole('button', { name: '批准' }).count()).toBe(0);
    expect((await erpTarget()).usedSeconds).toBe(before.usedSeconds);

    const admin = await enter('admin', '/availability', 'admin', {});
    const waiting = card(admin, 'Judgements of the record')
      .getByRole('listitem')
      .filter({ hasText: service.name });
    await waiting.getByText('wang.wei asked').waitFor();
    await waiting.getByRole('button', { name: 'Approve' }).click();
    await waiting.getByText('in force').waitFor();
    await expect.poll(async () => (await erpTarget()).usedSeconds, { timeout: STEP_MS_MAX }).toBe(0);
    await admin
      .getByRole('region', { name: 'Targets' })
      .getByRole('listitem')
      .filter({ hasText: service.name })
      .getByText(/(^| )0 s of /)
      .waitFor();
    await desk.reload();
    await asked.getByText('已生效').waitFor();
    await card(desk, '服务')
      .getByRole('row')
      .filter({ hasText: service.name })
      .getByText('100.00%')
      .first()
      .waitFor();
  });

  test('[DB66] the audit log has it all, and is whole', { timeout: 120_000 }, async () => {
    const admin = pages.get('admin');
    if (!admin) throw new Error('no administrator');
    await admin.goto('/settings/audit');
    const log = admin.getByRole('region', { name: 'Audit log' });
    for (const sentence of [
      `Wrote a note on incident ${disk}`,
      'Acknowledged alerts',
      /^Set maintenance window Work on/,
      `Merged incidents into ${outage}`,
      /^Took items out of incident/,
      `Moved incident ${outage} to “Closed”`,
      `Asked to judge a stretch of the record otherwise (${service.name})`,
      `Decided a request to judge the record otherwise (${service.name})`,
    ])
      await log.locator('li, tr, div').getByText(sentence).first().waitFor();
    await admin.getByRole('button', { name: 'Check the chain' }).click();
    await admin.getByText(/^Whole: \d+ entries, each fits the one before\.$/).waitFor();
  });

  function fast(): void {
    clock.pace(FAST, [server.process]);
  }
  function slow(): void {
    clock.pace(1, [server.process]);
  }

  async function enter(
    who: string,
    path: string,
    name: string,
    window: Parameters<typeof signIn>[3],
  ): Promise<Page> {
    const page = await signIn(browser, server, path, { name, ...window });
    page.setDefaultTimeout(STEP_MS_MAX);
    pages.set(who, page);
    return page;
  }

  async function menu(item: string): Promise<void> {
    await desk.getByRole('button', { name: '更多操作' }).click();
    await desk.getByRole('menuitem', { name: item }).click();
  }

  async function incident(ref: string): Promise<Incident> {
    return server.api<Incident>('GET', `/incidents/${ref}`);
  }
  async function erpTarget(): Promise<NonNullable<Target['current']>> {
    const { items } = await server.api<{ items: Target[] }>('GET', `/availability/targets?ci=${service.id}`);
    const current = items[0]?.current;
    if (!current) throw new Error('the target counts');
    return current;
  }
  async function open(): Promise<Incident[]> {
    return (await server.api<{ items: Incident[] }>('GET', '/incidents?state=open')).items;
  }

  /** Lets time fly until the webhook has it. */
  async function told(event: string, words: string): Promise<Message> {
    fast();
    const message = await until(
      () => webhook.received.find((one) => one.event === event && one.subject.includes(words)),
      { withinMs: 45_000, what: () => `${event} of ${words} is told; it got ${subjects()}` },
    );
    slow();
    return message;
  }
  function subjects(): string {
    return webhook.received.map(({ subject }) => subject).join(' | ');
  }
  function linkIn(ref: string): string {
    return webhook.received.find(({ incident }) => incident.ref === ref)?.incident.url ?? '';
  }

  /** Three servers, one service with redundancy, a place, a team, people, channels, a target. */
  async function furnish(): Promise<void> {
    const { api } = server;
    const password = ADMIN_PASSWORD;
    const make = (ciClass: string, name: string) =>
      api<Ci & Record<string, unknown>>('POST', '/cis', { class: ciClass, name });
    const up = until(
      async () => {
        const { items } = await api<{ items: Ci[] }>('GET', '/cis?presence=up&class=Server');
        const found = boxes.map(({ name }) => items.find((ci) => ci.name === name));
        return found.every((ci) => ci !== undefined) ? found : null;
      },
      { withinMs: 60_000, what: 'all servers are up' },
    );
    const [erp, room, team] = await Promise.all([
      make('Service', 'ERP'),
      make('Location', 'Hangzhou DC 1'),
      make('Team', 'Platform'),
      api('POST', '/users', { name: 'li.na', displayName: 'Li Na', role: 'operator', password }),
      api('POST', '/users', {
        name: 'wang.wei',
        displayName: '王伟',
        role: 'operator',
        password,
        language: 'zh',
      }),
      api('POST', '/notification-channels', {
        name: 'on call',
        config: { kind: 'webhook', url: `http://127.0.0.1:${webhook.port}/`, secret: null },
      }),
      api('POST', '/notification-channels', {
        name: 'night mail',
        language: 'zh',
        config: {
          kind: 'email',
          host: '127.0.0.1',
          port: mails.port,
          security: 'none',
          from: 'muster@example.org',
          to: ['night@example.org'],
        },
      }),
    ]);
    const [db, app1, app2] = await up;
    if (!db || !app1 || !app2) throw new Error('three servers');
    cis = [db, app1, app2];
    service = erp;
    await api('PUT', `/services/${erp.id}/members`, {
      required: [db.id],
      groups: [{ name: 'application servers', needed: 1, members: [app1.id, app2.id] }],
    });
    await api('POST', '/relations', {
      items: [
        { type: 'locatedAt', fromId: db.id, toId: room.id },
        { type: 'supportedBy', fromId: db.id, toId: team.id },
      ],
    });
    await Promise.all([
      api('PATCH', `/cis/${db.id}`, { criticality: 1 }),
      api('PATCH', `/cis/${erp.id}`, { criticality: 1 }),
    ]);
    const { version, ...settings } = await api<{ version: number } & Record<string, number>>(
      'GET',
      '/settings/incidents',
    );
    await api('PUT', '/settings/incidents', { ...settings, unclaimedPercent: 10, version });
    await api('POST', '/availability/targets', {
      ciId: erp.id,
      percent: 99.9,
      formula: 'known-time',
      period: 'month',
      fromDay: `${new Date(clock.now()).toISOString().slice(0, 7)}-01`,
      agreedWith: 'Finance',
    });
  }
});

function card(page: Page, name: string) {
  return page.getByRole('region', { name });
}

async function sideways(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** How light the page is behind everything, 0 to 1. */
async function darkness(page: Page): Promise<number> {
  const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const scale = colour.startsWith('rgb') ? 255 : 1;
  return Math.max(...parts) / scale;
}
