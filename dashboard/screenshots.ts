/**
 * Pictures of every page × language × theme × width from the built dashboard on the mock server, and what a machine can
 * find wrong with them: console, content security policy, sideways scroll, axe, longer words, shifting layout.
 *
 * `node dashboard/screenshots.ts OUT_DIR [--only NAME,NAME] [--quick] [--axe] [--stretch] [--grey] [--cls] [--dist DIR]`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { MOCK_ACCOUNT, startMock, type Mock } from './mock/server.ts';
import type { WorldSize } from './mock/world.ts';

const CHROMIUM = '/usr/bin/chromium';
const SIDE_BY_SIDE = 2;
/** After the last skeleton is gone: what comes with the first live second. */
const SETTLE_MS = 800;
/** Charts that are drawn from live seconds need some. */
const LIVE_SETTLE_MS = 3_500;
const READY_MS_MAX = 8_000;
const CLS_MS = 60_000;
const WIDTHS = [1440, 390] as const;
const HEIGHTS: Readonly<Record<number, number>> = { 1440: 900, 390: 844, 1920: 1080 };

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly signedIn?: false;
  /** What the page asks for does not exist: the browser notes the answer, rightly. */
  readonly missing?: true;
  readonly size?: WorldSize;
  /** Who is signed in; an administrator where absent. */
  readonly role?: 'viewer' | 'operator';
  /** Only what the window shows: virtual rows do not grow with the picture. */
  readonly window?: true;
  readonly live?: true;
  /** Other widths than those of a desk and a phone. */
  readonly widths?: readonly number[];
  /** The page has its own colours. */
  readonly themes?: readonly Theme[];
  readonly act?: (page: Page) => Promise<void>;
}

/** Every page of `src/routes.tsx` and the states worth a look; one line each. */
export const SHOTS: readonly Shot[] = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  { name: 'overview', path: '/' },
  { name: 'overview-site', path: '/?site=Suzhou' },
  { name: 'overview-new', path: '/', size: 'new' },
  { name: 'overview-large', path: '/', size: 'large' },
  { name: 'wall', path: '/wall', size: 'large', widths: [1920], themes: ['dark'], window: true },
  { name: 'wall-calm', path: '/wall?site=Shenzhen', widths: [1920], themes: ['dark'], window: true },
  {
    name: 'more',
    path: '/',
    widths: [390],
    act: (page) => page.locator('nav button[aria-haspopup=dialog]').click(),
  },
  { name: 'history', path: '/history' },
  { name: 'past', path: '/past' },
  { name: 'past-ci', path: '/past/ci_0001' },
  { name: 'baselines', path: '/baselines' },
  { name: 'drift', path: '/drift' },
  { name: 'drift-peers', path: '/drift?mode=peers' },
  { name: 'accuracy', path: '/accuracy' },
  { name: 'settings-history', path: '/settings/history' },
  { name: 'machines', path: '/machines', window: true },
  {
    name: 'machines-chosen',
    path: '/machines?view=view_2&class=%5B%22Server%22%2C%22Workstation%22%5D',
    window: true,
    act: async (page) => {
      const choose = page.getByRole('button', { name: /^(Select|选择)$/ });
      if (await choose.isVisible()) await choose.click();
      await page.locator('[data-row-id] input[type=checkbox]').nth(0).check();
      await page.locator('[data-row-id] input[type=checkbox]').nth(1).check();
    },
  },
  {
    name: 'machines-merge',
    path: '/machines?view=view_2&class=%5B%22Server%22%2C%22Workstation%22%5D',
    window: true,
    act: async (page) => {
      const choose = page.getByRole('button', { name: /^(Select|选择)$/ });
      if (await choose.isVisible()) await choose.click();
      await page.locator('[data-row-id] input[type=checkbox]').nth(0).check();
      await page.locator('[data-row-id] input[type=checkbox]').nth(1).check();
      await page.getByRole('button', { name: /^(Merge …|合并…)$/ }).click();
    },
  },
  {
    name: 'machines-filters',
    path: '/machines',
    window: true,
    act: (page) => page.getByRole('button', { name: /^(More filters|更多筛选)$/ }).click(),
  },
  { name: 'machines-empty', path: '/machines?q=nothing-like-this' },
  { name: 'machine-live', path: '/machines/ci_0001/live', live: true },
  { name: 'machine-day', path: '/machines/ci_0001/live?range=24h' },
  { name: 'machine-year', path: '/machines/ci_0001/live?range=1y' },
  { name: 'machine-compared', path: '/machines/ci_0001/live?range=24h&compare=ci_0002,ci_0005' },
  { name: 'machine-against', path: '/machines/ci_0001/live?range=24h&against=day' },
  { name: 'machine-percentiles', path: '/machines/ci_0001/live?range=7d&figures=percentiles' },
  { name: 'machine-then', path: '/machines/ci_0001/changes?at=2026-11-01' },
  { name: 'machine-hardware', path: '/machines/ci_0001/hardware' },
  {
    name: 'machine-inventory',
    path: '/machines/ci_0001/hardware',
    act: async (page) => {
      for (const title of [
        /Protection|安全防护/,
        /Listening ports|监听端口/,
        /Configuration files|配置文件/,
        /Patches|补丁/,
      ])
        await page.getByRole('button', { name: title }).click();
      await page.getByText('/etc/conf.d/000.conf').waitFor();
    },
  },
  { name: 'machine-software', path: '/machines/ci_0001/software', window: true },
  { name: 'machine-changes', path: '/machines/ci_0001/changes' },
  { name: 'machine-changes-many', path: '/machines/ci_0002/changes' },
  { name: 'machine-availability', path: '/machines/ci_0006/availability' },
  { name: 'machine-relations', path: '/machines/ci_0001/relations' },
  { name: 'machine-relations-list', path: '/machines/ci_0001/relations?steps=1&as=list' },
  { name: 'machine-incidents', path: '/machines/ci_0001/incidents' },
  { name: 'machine-uninstalled', path: '/machines/ci_0008/live' },
  {
    name: 'machine-retire',
    path: '/machines/ci_0008/live',
    act: (page) => page.getByRole('button', { name: /^(Retire the machine|将计算机退役)$/ }).click(),
  },
  { name: 'machine-silent', path: '/machines/ci_0006/live' },
  { name: 'incidents', path: '/incidents' },
  { name: 'incidents-all', path: '/incidents?view=all' },
  { name: 'incidents-empty', path: '/incidents', size: 'new' },
  { name: 'incidents-crowd', path: '/incidents', size: 'crowd', window: true },
  { name: 'incidents-board', path: '/incidents?as=board', window: true },
  { name: 'incidents-board-crowd', path: '/incidents?as=board', size: 'crowd', window: true },
  {
    name: 'incidents-report',
    path: '/incidents',
    act: (page) => page.getByRole('button', { name: /^(Report an incident|报告事件)$/ }).click(),
  },
  { name: 'alerts', path: '/alerts' },
  { name: 'alerts-crowd', path: '/alerts', size: 'crowd', window: true },
  { name: 'alerts-empty', path: '/alerts', size: 'new' },
  { name: 'alerts-resolved', path: '/alerts?state=resolved' },
  { name: 'alerts-dependency', path: '/alerts?quiet=dependency' },
  { name: 'alerts-storm-none', path: '/alerts?quiet=storm' },
  {
    name: 'alerts-acknowledge',
    path: '/alerts?state=open',
    act: async (page) => {
      await page.getByRole('checkbox').nth(1).click();
      await page.getByRole('button', { name: /^(Acknowledge|确认)( A)?$/ }).click();
    },
    widths: [1440],
  },
  {
    name: 'alerts-acknowledged',
    path: '/alerts?state=open',
    // By keys alone: two rows, A, the reason, the way back.
    act: async (page) => {
      await page.getByRole('checkbox').nth(2).press('Space');
      await page.getByRole('checkbox').nth(3).press('Space');
      await page.keyboard.press('a');
      await page.getByRole('textbox').fill('备份正在补跑');
      await page.getByRole('button', { name: /^(Acknowledge|确认)$/ }).press('Enter');
      await page.getByRole('button', { name: /^(Undo|撤销)$/ }).waitFor();
    },
    widths: [1440],
  },
  { name: 'incident', path: '/incidents/INC-0038' },
  { name: 'incident-outage', path: '/incidents/INC-0041' },
  {
    name: 'incident-split',
    path: '/incidents/INC-0041',
    act: async (page) => {
      await page.getByRole('button', { name: /^(More actions|更多操作)$/ }).click();
      await page.getByRole('menuitem', { name: /^(Split…|拆分…)$/ }).click();
    },
  },
  {
    name: 'incident-priority',
    path: '/incidents/INC-0038',
    act: async (page) => {
      await page.getByRole('button', { name: /^(More actions|更多操作)$/ }).click();
      await page.getByRole('menuitem', { name: /^(Priority by hand…|手动设定优先级…)$/ }).click();
    },
  },
  { name: 'incident-gone', path: '/incidents/INC-9999', missing: true },
  { name: 'incident-times', path: '/incidents/times' },
  { name: 'incident-times-group', path: '/incidents/times?by=group' },
  { name: 'availability', path: '/availability' },
  { name: 'availability-new', path: '/availability', size: 'new' },
  { name: 'availability-large', path: '/availability?by=none', size: 'large', window: true },
  {
    name: 'availability-judge',
    path: '/availability?formula=spm',
    window: true,
    act: (page) =>
      page
        .getByRole('button', { name: /^(Judge otherwise|重新定性)$/ })
        .first()
        .click(),
  },
  {
    name: 'availability-target',
    path: '/availability?judged=no',
    window: true,
    act: (page) => page.getByRole('button', { name: /^(Agree a target|约定目标)$/ }).click(),
  },
  { name: 'capacity', path: '/capacity', window: true },
  { name: 'capacity-open', path: '/capacity?open=ci_0002%20/data', window: true },
  { name: 'map', path: '/map?as=picture', window: true },
  { name: 'map-ci', path: '/map?as=picture&ci=ci_svc_erp', window: true },
  { name: 'map-list', path: '/map?as=list' },
  { name: 'map-afar', path: '/map?as=picture&group=site' },
  { name: 'map-afar-list', path: '/map?as=list&group=class' },
  { name: 'map-new', path: '/map?as=picture', size: 'new' },
  { name: 'services', path: '/services' },
  { name: 'service', path: '/services/ci_svc_erp' },
  { name: 'services-new', path: '/services', size: 'new' },
  { name: 'capacity-new', path: '/capacity', size: 'new' },
  { name: 'availability-open', path: '/availability?by=site&open=Hangzhou' },
  { name: 'assets', path: '/assets' },
  { name: 'assets-overdue', path: '/assets?filter=overdue' },
  { name: 'asset', path: '/cis/ci_0002?tab=asset' },
  {
    name: 'asset-hand',
    path: '/cis/ci_0002?tab=asset',
    act: (page) => page.getByRole('button', { name: /^(Hand to somebody else|转交他人)$/ }).click(),
  },
  { name: 'locations', path: '/locations' },
  { name: 'imports', path: '/imports' },
  { name: 'import', path: '/imports/imp_1' },
  { name: 'labels', path: '/labels?ids=ci_0001,ci_0002,ci_0003' },
  { name: 'labels-roll', path: '/labels?ids=ci_0001&sheet=62x29' },
  { name: 'scan', path: '/scan' },
  { name: 'scan-unknown', path: '/scan/PC-0', missing: true },
  { name: 'stocktakes', path: '/stocktakes?open=stk_1' },
  { name: 'receipt', path: '/assignments/asg_ci_0002' },
  { name: 'ci-new', path: '/cis?new=' },
  { name: 'settings-fingerprints', path: '/settings/fingerprints' },
  { name: 'settings-agent-config', path: '/settings/agent-config' },
  { name: 'settings-agent-config-new', path: '/settings/agent-config', size: 'new' },
  {
    name: 'settings-agent-config-edit',
    path: '/settings/agent-config',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^(Edit|编辑)/ })
        .nth(1)
        .click();
      await page.getByRole('combobox', { name: /^(Reads samples every|采样间隔)$/ }).selectOption('60000');
    },
  },
  {
    name: 'settings-agent-config-check',
    path: '/settings/agent-config',
    window: true,
    act: async (page) => {
      await page
        .getByRole('button', { name: /Databases/ })
        .last()
        .click();
      await page
        .getByRole('button', { name: /Add a check|添加检查/ })
        .first()
        .click();
      await page.locator('form input').first().fill('mail, Bonn');
      await page.locator('form input').nth(1).fill('https://user:secret@mail.example/');
      await page.locator('form button[type=submit]').click();
    },
  },
  {
    name: 'settings-agent-config-compare',
    path: '/settings/agent-config',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Show|查看)/ })
        .nth(0)
        .click(),
  },
  { name: 'settings-privacy', path: '/settings/privacy' },
  { name: 'settings-privacy-lost', path: '/settings/privacy?group=Kiosks', window: true },
  {
    name: 'settings-privacy-open',
    path: '/settings/privacy',
    window: true,
    act: async (page) => {
      await page.getByRole('combobox', { name: /^(Switches of|设置对象)$/ }).selectOption({ index: 1 });
      await page.getByRole('button', { name: /^(Accounts|账户)/ }).click();
      await page.getByRole('combobox', { name: /^(Accounts: Full name|账户：全名)$/ }).selectOption('off');
    },
  },
  {
    name: 'settings-privacy-messages',
    path: '/settings/privacy',
    window: true,
    act: async (page) => {
      await page.getByRole('button', { name: /^(What it saw of a neighbour|对邻近机器的观察)/ }).click();
      await page.getByRole('button', { name: /^(Configuration in use|正在使用的配置)/ }).click();
    },
  },
  { name: 'settings-classes', path: '/settings/classes' },
  { name: 'calendars', path: '/settings/calendars' },
  { name: 'calendar', path: '/settings/calendars?calendar=cal_plant&year=2026' },
  {
    name: 'calendar-day',
    path: '/settings/calendars?calendar=cal_plant&year=2026',
    window: true,
    act: (page) => page.getByRole('button', { name: /^(Add a day|添加日期)$/ }).click(),
  },
  {
    name: 'calendars-assign',
    path: '/settings/calendars',
    window: true,
    act: (page) => page.getByRole('button', { name: /^(Assign a calendar|指定日历)$/ }).click(),
  },
  { name: 'add-machine', path: '/machines/new' },
  {
    name: 'add-machine-windows',
    path: '/machines/new?platform=windows',
    act: (page) => page.getByRole('button', { name: /^(Make the line|生成命令)$/ }).click(),
  },
  { name: 'maintenance', path: '/maintenance' },
  { name: 'maintenance-none', path: '/maintenance', size: 'new' },
  { name: 'maintenance-crowd', path: '/maintenance', size: 'crowd', window: true },
  { name: 'maintenance-viewer', path: '/maintenance', role: 'viewer' },
  { name: 'maintenance-window-viewer', path: '/maintenance/mw_2', role: 'viewer' },
  {
    name: 'maintenance-menu',
    path: '/maintenance',
    window: true,
    act: (page) =>
      page
        .getByRole('button', { name: /^Actions for|的操作$/ })
        .first()
        .click(),
  },
  {
    name: 'maintenance-prolonged',
    path: '/maintenance',
    window: true,
    act: (page) =>
      page
        .getByRole('button', { name: /min more$|^延长 \d+ 分钟$/ })
        .first()
        .click(),
  },
  { name: 'maintenance-new-crowd', path: '/maintenance/new?ci=ci_0001', size: 'crowd' },
  { name: 'maintenance-past', path: '/maintenance?show=past' },
  { name: 'maintenance-new', path: '/maintenance/new?ci=ci_0001' },
  {
    name: 'maintenance-monthly',
    path: '/maintenance/new?ci=ci_0001',
    act: (page) => page.getByRole('button', { name: /^(Monthly|每月)$/ }).click(),
  },
  { name: 'maintenance-window', path: '/maintenance/mw_2' },
  { name: 'maintenance-gone', path: '/maintenance/mw_nothing', missing: true },
  {
    name: 'maintenance-end',
    path: '/maintenance',
    act: (page) =>
      page
        .getByRole('button', { name: /^(End now|立即结束)$/ })
        .first()
        .click(),
  },
  { name: 'rules', path: '/rules' },
  { name: 'rules-none', path: '/rules?q=nothing-like-this' },
  { name: 'rules-noise', path: '/rules?order=noise' },
  {
    name: 'rules-packs',
    path: '/rules?order=pack',
    act: (page) =>
      page
        .getByRole('button', { name: /what to do$|的含义与处理方法$/ })
        .first()
        .click(),
  },
  {
    name: 'rules-pack-off',
    path: '/rules?order=pack',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Switch all off|全部停用)$/ })
        .first()
        .click(),
  },
  { name: 'rules-not-agreed', path: '/rules?state=notAgreed' },
  { name: 'rules-machine', path: '/rules?ci=ci_0001' },
  { name: 'rule', path: '/rules/rul_cpu' },
  { name: 'rule-forecast', path: '/rules/rul_disk-fast' },
  { name: 'rule-usual', path: '/rules/rul_own-usual' },
  { name: 'rule-anomaly', path: '/rules/rul_own-strange' },
  { name: 'rule-change', path: '/rules/rul_own-change' },
  { name: 'rule-absence', path: '/rules/rul_own-absent' },
  { name: 'rule-composite', path: '/rules/rul_own-both' },
  { name: 'rule-window', path: '/rules/rul_crash-loop' },
  { name: 'rule-exception', path: '/rules/new?copy=rul_disk&ci=ci_0001&instance=%2Fvar%2Flib%2Fmysql' },
  {
    name: 'rule-new-composite',
    path: '/rules/new',
    act: (page) => page.getByText(/^(Other rules|规则组合)$/).click(),
  },
  { name: 'rule-disk', path: '/rules/rul_disk' },
  { name: 'rule-silent', path: '/rules/rul_silent' },
  { name: 'rule-new', path: '/rules/new' },
  { name: 'rule-gone', path: '/rules/rul_nothing', missing: true },
  {
    name: 'rule-wrong',
    path: '/rules/rul_cpu',
    act: (page) =>
      page
        .getByRole('textbox', { name: /clear level|恢复值/ })
        .first()
        .fill('95'),
  },
  {
    name: 'rule-metric',
    path: '/rules/new',
    act: (page) => page.getByRole('combobox', { name: /^(Metric|指标)/ }).click(),
  },
  {
    name: 'rule-switch-on',
    path: '/rules/rul_cpu',
    act: (page) => page.getByRole('button', { name: /^(Switch off|停用)$/ }).click(),
  },
  { name: 'agents', path: '/agents', window: true },
  {
    name: 'agents-token-ask',
    path: '/agents',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Revoke the token|吊销令牌)/ })
        .first()
        .click(),
  },
  {
    name: 'agents-uninstalled',
    path: '/agents?state=gone',
    act: (page) =>
      page
        .getByRole('button', { name: /sh-lt-0019/ })
        .last()
        .click(),
  },
  { name: 'agents-gone', path: '/agents?state=gone', window: true },
  {
    name: 'agent-release',
    path: '/agents',
    window: true,
    act: (page) =>
      page
        .getByRole('button', { name: /^(went back|自行回退)$/ })
        .first()
        .click(),
  },
  { name: 'upgrades', path: '/agents/upgrades' },
  { name: 'upgrades-new', path: '/agents/upgrades', size: 'new' },
  { name: 'upgrades-undone', path: '/agents/upgrades', size: 'crowd' },
  { name: 'upgrades-large', path: '/agents/upgrades', size: 'large' },
  { name: 'upgrades-viewer', path: '/agents/upgrades', role: 'viewer' },
  {
    name: 'upgrades-start',
    path: '/agents/upgrades',
    size: 'crowd',
    act: async (page) => {
      await page.getByRole('button', { name: /^(Start a rollout|开始升级)$/ }).click();
      await page.getByRole('button', { name: /^(Start with|开始升级) \d+/ }).waitFor();
    },
  },
  {
    name: 'upgrades-start-wrong',
    path: '/agents/upgrades',
    size: 'crowd',
    act: async (page) => {
      await page.getByRole('button', { name: /^(Start a rollout|开始升级)$/ }).click();
      await page.getByText(/^(Gate and pace|门槛与节奏)$/).click();
      await page.getByRole('textbox', { name: /^(Failures allowed|允许失败)/ }).fill('101');
    },
  },
  {
    name: 'upgrades-ask',
    path: '/agents/upgrades',
    act: (page) => page.getByRole('button', { name: /^(Roll back|回退)$/ }).click(),
  },
  { name: 'rollout', path: '/agents/upgrades/rol_3', window: true },
  { name: 'rollout-whole', path: '/agents/upgrades/rol_3' },
  { name: 'rollout-large', path: '/agents/upgrades/rol_3', size: 'large', window: true },
  { name: 'rollout-none-match', path: '/agents/upgrades/rol_3?state=rolled-back' },
  { name: 'rollout-gone', path: '/agents/upgrades/rol_0', missing: true },
  { name: 'settings-notify', path: '/settings/notify' },
  { name: 'settings-notify-new', path: '/settings/notify', size: 'new' },
  {
    name: 'settings-notify-edit',
    path: '/settings/notify',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Edit|编辑)$/ })
        .first()
        .click(),
  },
  { name: 'settings-twin', path: '/settings/twin' },
  { name: 'settings-engine', path: '/settings/engine' },
  { name: 'account', path: '/account' },
  { name: 'settings', path: '/settings', window: true },
  { name: 'settings-users', path: '/settings/users' },
  {
    name: 'settings-user-add',
    path: '/settings/users',
    act: (page) => page.locator('main h1 + button').click(),
  },
  { name: 'settings-tokens', path: '/settings/tokens' },
  {
    name: 'settings-token-wall',
    path: '/settings/tokens',
    act: async (page) => {
      await page.locator('main h1 + button').click();
      await page.getByRole('dialog').getByRole('button').nth(2).click();
      await page.getByRole('dialog').getByRole('textbox').fill('Hall');
      await page.getByRole('dialog').locator('button[type=submit]').click();
    },
  },
  {
    name: 'findings',
    path: '/findings',
    act: (page) => page.locator('main li button[aria-expanded]').first().click(),
  },
  { name: 'findings-empty', path: '/findings', size: 'new' },
  {
    name: 'findings-accept',
    path: '/findings',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Accept|接受)$/ })
        .first()
        .click(),
  },
  { name: 'changes', path: '/changes?open=chg_3' },
  {
    name: 'changes-request',
    path: '/changes',
    act: (page) => page.locator('main h1 + button').click(),
  },
  { name: 'software', path: '/software?open=sw_0', window: true },
  { name: 'software-rules', path: '/software?tab=rules' },
  {
    name: 'software-rule-new',
    path: '/software?tab=rules',
    act: (page) => page.getByRole('button', { name: /^(Add a rule|添加规则)$/ }).click(),
  },
  { name: 'software-licences', path: '/software?tab=licences&open=ci_licence_1' },
  { name: 'settings-presence', path: '/settings/presence' },
  { name: 'settings-presence-viewer', path: '/settings/presence', role: 'viewer' },
  { name: 'settings-presence-new', path: '/settings/presence', size: 'new' },
  {
    name: 'settings-presence-dismiss',
    path: '/settings/presence',
    window: true,
    act: (page) =>
      page
        .getByRole('button', { name: /Dismiss|驳回/ })
        .first()
        .click(),
  },
  { name: 'settings-incidents', path: '/settings/incidents' },
  { name: 'settings-changes', path: '/settings/changes' },
  { name: 'settings-other-agents', path: '/settings/other-agents' },
  { name: 'settings-other-agents-new', path: '/settings/other-agents', size: 'new' },
  {
    name: 'settings-other-agents-made',
    path: '/settings/other-agents',
    act: async (page) => {
      await page.locator('main h1 + button').click();
      await page.getByRole('dialog').getByRole('textbox').first().fill('Beijing');
      await page.getByRole('dialog').locator('button[type=submit]').click();
    },
  },
  { name: 'exchange-in', path: '/settings/exchange' },
  { name: 'exchange-in-new', path: '/settings/exchange', size: 'new' },
  {
    name: 'exchange-mapping',
    path: '/settings/exchange',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^(Show metrics|显示指标)$/ })
        .nth(1)
        .click();
    },
  },
  {
    name: 'exchange-line',
    path: '/settings/exchange',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Map|映射) node_cpu/ })
        .first()
        .click(),
  },
  { name: 'exchange-out', path: '/settings/exchange?show=out' },
  { name: 'exchange-out-new', path: '/settings/exchange?show=out', size: 'new' },
  {
    name: 'exchange-target',
    path: '/settings/exchange?show=out',
    act: (page) =>
      page
        .getByRole('button', { name: /^(Edit|编辑)$/ })
        .nth(1)
        .click(),
  },
  { name: 'exchange-operator', path: '/settings/exchange?show=out', role: 'operator' },
  { name: 'exchange-viewer', path: '/settings/exchange', role: 'viewer' },
  { name: 'settings-audit', path: '/settings/audit' },
  {
    name: 'settings-audit-open',
    path: '/settings/audit?actor=user%3Aadmin',
    act: (page) => page.locator('main li button').first().click(),
  },
  { name: 'help', path: '/help' },
  { name: 'term', path: '/help#coverage', window: true },
  {
    name: 'term-open',
    path: '/',
    act: (page) => page.getByRole('button', { name: /Availability this month|本月可用性/ }).click(),
  },
  { name: 'cis', path: '/cis', window: true },
  { name: 'cis-parts', path: '/cis?class=Component', window: true },
  { name: 'cis-own', path: '/cis?class=Kiosk' },
  { name: 'cis-no-class', path: '/cis?class=Nothing' },
  { name: 'cis-empty', path: '/cis?q=nothing-like-this' },
  { name: 'ci', path: '/cis/ci_0001' },
  { name: 'ci-parts', path: '/cis/ci_0001?tab=parts' },
  { name: 'ci-history', path: '/cis/ci_0001?tab=history' },
  { name: 'ci-identity', path: '/cis/ci_0001?tab=identity' },
  { name: 'reviews', path: '/reviews' },
  { name: 'ci-relations', path: '/cis/ci_0001?tab=relations' },
  {
    name: 'ci-relation-add',
    path: '/cis/ci_0001?tab=relations',
    act: (page) => page.getByRole('button', { name: /^(Add relation|添加关系)$/ }).click(),
  },
  { name: 'ci-impact', path: '/cis/ci_0001?tab=impact' },
  { name: 'ci-part', path: '/cis/ci_0001-Component-sda' },
  { name: 'not-found', path: '/nowhere' },
  { name: 'palette', path: '/machines', act: (page) => page.keyboard.press('Control+k') },
  { name: 'palette-found', path: '/machines', act: (page) => searchFor(page, 'S6') },
  { name: 'palette-nothing', path: '/machines', act: (page) => searchFor(page, 'nothing like this') },
  { name: 'keys', path: '/', act: (page) => page.keyboard.press('?') },
];

type Language = 'en' | 'zh';
type Theme = 'light' | 'dark';

interface Variant {
  readonly language: Language;
  readonly theme: Theme;
  readonly width: number;
}

interface Options {
  readonly outDir: string;
  readonly distDir: string;
  readonly shots: readonly Shot[];
  readonly quick: boolean;
  readonly axe: boolean;
  readonly stretch: boolean;
  readonly grey: boolean;
  readonly cls: boolean;
}

function readOptions([outDir = 'screenshots', ...flags]: readonly string[]): Options {
  const value = (name: string) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined);
  const only = value('--only')?.split(',');
  return {
    outDir,
    distDir: value('--dist') ?? join(import.meta.dirname, 'dist'),
    shots: SHOTS.filter(({ name }) => only === undefined || only.includes(name)),
    quick: flags.includes('--quick'),
    axe: flags.includes('--axe'),
    stretch: flags.includes('--stretch'),
    grey: flags.includes('--grey'),
    cls: flags.includes('--cls'),
  };
}

/** Returns how many faults were found and told. */
async function photographAll(options: Options): Promise<number> {
  await mkdir(options.outDir, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const mocks = new Mocks(options.distDir);
  const work = variantsOf(options);
  let faults = 0;
  const report = (label: string, text: string) => {
    faults += 1;
    process.stdout.write(`${label}: ${text}\n`);
  };
  const worker = async () => {
    for (let variant = work.shift(); variant !== undefined; variant = work.shift()) {
      const contexts = new Map<string, BrowserContext>();
      for (const shot of options.shots.filter((each) => isIn(each, variant))) {
        const label = labelOf(shot, variant);
        const key = `${shot.size} ${shot.role} ${shot.signedIn}`;
        try {
          const context = contexts.get(key) ?? (await open(browser, mocks, shot, variant));
          contexts.set(key, context);
          await photograph(context, shot, variant, options, (text) => report(label, text));
        } catch (error) {
          report(label, String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '');
        }
      }
      for (const context of contexts.values()) await context.close();
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  await browser.close();
  await mocks.close();
  await writeFile(join(options.outDir, 'index.html'), contactSheet(options));
  return faults;
}

function variantsOf({ shots, quick }: Pick<Options, 'shots' | 'quick'>): Variant[] {
  const widths = [...new Set(shots.flatMap((shot) => shot.widths ?? WIDTHS))];
  return (['en', 'zh'] as const).flatMap((language) =>
    (['light', 'dark'] as const)
      .filter((theme) => !quick || (language === 'en') === (theme === 'light'))
      .flatMap((theme) => widths.map((width) => ({ language, theme, width }))),
  );
}

function isIn({ widths = WIDTHS, themes }: Shot, { theme, width }: Variant): boolean {
  return widths.includes(width) && (themes === undefined || themes.includes(theme));
}

function labelOf({ name }: Shot, { language, theme, width }: Variant): string {
  return `${name}-${language}-${theme}-${width}`;
}

/** A browser of its own for each variant, so that pages share what they have loaded. */
async function open(
  browser: Browser,
  mocks: Mocks,
  shot: Shot,
  { language, theme, width }: Variant,
): Promise<BrowserContext> {
  const mock = await mocks.of(shot, language);
  const context = await browser.newContext({
    baseURL: `http://127.0.0.1:${mock.port}`,
    viewport: { width, height: HEIGHTS[width] ?? 900 },
    colorScheme: theme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    ...(width === 390 ? { hasTouch: true, isMobile: true } : {}),
  });
  if (shot.signedIn !== false) {
    await context.request.post('/api/v1/session', { data: MOCK_ACCOUNT });
    await context.request.patch('/api/v1/session', { data: { language } });
  }
  return context;
}

async function photograph(
  context: BrowserContext,
  shot: Shot,
  variant: Variant,
  options: Options,
  report: (text: string) => void,
): Promise<void> {
  const page = await context.newPage();
  listen(page, shot, report);
  await page.goto(shot.path);
  await ready(page, shot);
  if (shot.act) {
    await shot.act(page);
    await page.waitForTimeout(600);
  }
  const path = (suffix: string) => join(options.outDir, `${labelOf(shot, variant)}${suffix}.png`);
  const fullPage = shot.act === undefined && !shot.window;
  await checkSideways(page, report);
  await page.screenshot({ path: path(''), fullPage });
  if (options.grey) {
    await page.evaluate(() => {
      document.documentElement.style.filter = 'grayscale(1)';
    });
    await page.screenshot({ path: path('-grey'), fullPage });
    await page.evaluate(() => {
      document.documentElement.style.filter = '';
    });
  }
  if (options.axe) await checkAxe(page, report);
  if (options.cls) await checkShift(page, report);
  if (options.stretch && variant.language === 'en' && variant.theme === (shot.themes?.[0] ?? 'light')) {
    await stretch(page);
    await checkSideways(page, (text) => report(`with longer words ${text}`));
    for (const text of await clipped(page)) report(`with longer words is cut: ${text}`);
    await page.screenshot({ path: path('-stretched'), fullPage });
  }
  await page.close();
}

function listen(page: Page, shot: Shot, report: (text: string) => void): void {
  page.on('console', (message) => {
    const status = shot.signedIn === false ? '401' : shot.missing ? '404' : null;
    const expected =
      (status !== null && message.text().includes(status)) ||
      // Without a graphics card the driver warns that the map is read back from it.
      (shot.path.startsWith('/map') && message.text().includes('GPU stall due to ReadPixels'));
    if (!expected && (message.type() === 'error' || message.type() === 'warning'))
      report(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => report(`error: ${error.message}`));
}

/** Until the fonts are there and no place holder is left. */
async function ready(page: Page, shot: Shot): Promise<void> {
  await page
    .waitForFunction(
      () =>
        document.fonts.status === 'loaded' &&
        (document.querySelector('main,form,[data-wall]')?.childElementCount ?? 0) > 0 &&
        document.querySelector('.skeleton') === null,
      null,
      { timeout: READY_MS_MAX },
    )
    .catch(() => undefined); // A page that waits for ever is photographed waiting.
  await page.waitForTimeout(shot.live ? LIVE_SETTLE_MS : SETTLE_MS);
}

async function searchFor(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(text);
}

async function checkSideways(page: Page, report: (text: string) => void): Promise<void> {
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 0) report(`scrolls sideways by ${sideways} px`);
}

async function checkAxe(page: Page, report: (text: string) => void): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, nodes } of violations) {
    const where = nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
    report(`axe ${id}: ${where.join(' | ')}`);
  }
}

/** Letters further apart until words need about 40 % more room, as they do in longer languages. */
async function stretch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*:not(code,pre,kbd) { letter-spacing: 0.2em !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
  await page.waitForTimeout(300);
}

/** Words that stick out of their box, or are cut by it without an ellipsis. */
function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      // Figures are as long in every language.
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && /\p{L}/u.test(node.textContent ?? ''),
      );
      if (!own || element.clientWidth === 0 || element.closest('.sr-only,svg,canvas')) continue;
      const style = getComputedStyle(element);
      if (style.display.startsWith('inline') && style.display !== 'inline-flex') continue;
      if (style.textOverflow === 'ellipsis' || /auto|scroll/.test(style.overflowX)) continue;
      if (element.scrollWidth > element.clientWidth + 2)
        found.push(`${element.tagName.toLowerCase()} “${element.textContent?.trim().slice(0, 60) ?? ''}”`);
    }
    return found.slice(0, 4);
  });
}

/** A minute of live data must move nothing. */
async function checkShift(page: Page, report: (text: string) => void): Promise<void> {
  const shift = await page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        });
        observer.observe({ type: 'layout-shift' });
        setTimeout(() => resolve(sum), ms);
      }),
    CLS_MS,
  );
  if (shift > 0) report(`the layout shifts by ${shift.toFixed(4)} in ${CLS_MS / 1_000} s`);
}

/** One mock server for each size and language. */
class Mocks {
  readonly #distDir: string;
  readonly #started = new Map<string, Promise<Mock>>();

  constructor(distDir: string) {
    this.#distDir = distDir;
  }

  of(
    {
      size = 'full',
      role = 'admin',
    }: Pick<Shot, 'size'> & { readonly role?: 'viewer' | 'operator' | 'admin' },
    language: Language,
  ): Promise<Mock> {
    const key = `${size} ${role} ${language}`;
    const started =
      this.#started.get(key) ?? startMock({ port: 0, size, role, distDir: this.#distDir, language });
    this.#started.set(key, started);
    return started;
  }

  async close(): Promise<void> {
    for (const mock of this.#started.values()) await (await mock).close();
  }
}

/** All pictures on one page, a row for each shot. */
function contactSheet(options: Options): string {
  const rows = options.shots.map((shot) => {
    const variants = variantsOf({ ...options, shots: [shot] }).filter((variant) => isIn(shot, variant));
    const pictures = variants.map((variant) => {
      const label = labelOf(shot, variant);
      return `<a href="${label}.png"><img loading="lazy" height="240" src="${label}.png" alt="${label}"></a>`;
    });
    return `<h2>${shot.name} <small>${shot.path}</small></h2>\n<p>${pictures.join('\n')}</p>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Muster, all pages</title>
<style>body{font:14px sans-serif;margin:24px}img{border:1px solid #ccc;margin:0 8px 8px 0}small{font-weight:400;color:#666}</style>
${rows.join('\n')}\n`;
}

if (import.meta.main) {
  const options = readOptions(process.argv.slice(2));
  const faults = await photographAll(options);
  process.stdout.write(
    `${options.shots.length} pages, ${faults} faults; see ${join(options.outDir, 'index.html')}\n`,
  );
  process.exitCode = faults === 0 ? 0 : 1;
}
