/** What nobody approved becomes a finding, what somebody else approved does not, and nobody approves what they asked for. */
import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { cleanUp, CHROMIUM, type RunningServer, startServer, until } from '../harness.ts';

interface Listed<T> {
  items: T[];
}
interface Finding {
  id: string;
  title: { en: string };
  state: string;
  changeId: string | null;
}

const SECOND = { name: 'bo', password: 'another horse battery' };
const SERIAL = `SN${randomUUID().slice(0, 8)}`;

/** What a FusionInventory agent sends of a small server. */
function report(packages: Readonly<Record<string, string>>): string {
  const softwares = Object.entries(packages)
    .map(
      ([name, version]) =>
        `<SOFTWARES><NAME>${name}</NAME><VERSION>${version}</VERSION><FROM>deb</FROM></SOFTWARES>`,
    )
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?><REQUEST><CONTENT>
<BIOS><SSN>${SERIAL}</SSN><SMANUFACTURER>Dell Inc.</SMANUFACTURER><SMODEL>PowerEdge R640</SMODEL></BIOS>
<HARDWARE><NAME>walk-01</NAME><OSNAME>Debian GNU/Linux 12</OSNAME></HARDWARE>
<OPERATINGSYSTEM><NAME>Debian</NAME><VERSION>12</VERSION><FULL_NAME>Debian GNU/Linux 12</FULL_NAME></OPERATINGSYSTEM>
${softwares}<VERSIONCLIENT>FusionInventory-Agent_v2.6</VERSIONCLIENT></CONTENT>
<DEVICEID>walk-01-2026-01-01-00-00-00</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>`;
}

describe.skipIf(!CHROMIUM)('a change that nobody approved', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let address = '';
  let ciId = '';
  const send = async (packages: Readonly<Record<string, string>>) => {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: report(packages),
    });
    expect(answer.status).toBe(200);
  };
  const open = async () => (await server.api<Listed<Finding>>('GET', '/findings?state=open')).items;

  beforeAll(async () => {
    server = await startServer();
    await server.api('POST', '/users', { ...SECOND, displayName: 'Bo', role: 'operator' });
    const site = await server.api<{ token: string }>('POST', '/intake-sites', {
      name: 'walk',
      class: 'Server',
    });
    address = `${server.url}/intake/${site.token}`;
    browser = await launchBrowser();
    await send({ bash: '5.2', openssl: '3.0.11' });
    ciId = await until(
      async () =>
        (await server.api<Listed<{ id: string; name: string }>>('GET', '/cis?q=walk-01')).items[0]?.id,
      { withinMs: 20_000, what: 'the machine is known' },
    );
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[CH7] [CH10] [CH11] [FI8] it is found, explained afterwards by another person, and not found within a change', {
    timeout: 90_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    expect(await open()).toEqual([]);
    await send({ bash: '5.2', openssl: '3.0.11', nmap: '7.93' });
    const [found] = await until(async () => ((await open()).length > 0 ? open() : undefined), {
      withinMs: 20_000,
      what: 'the new package is a finding',
    });
    expect(found?.title.en).toBe('Software installed on walk-01 without an approved change: nmap');

    const page = await signIn(browser, server, '/findings');
    await page.getByRole('button', { name: /Software installed on walk-01/ }).click();
    await page.getByRole('cell', { name: '7.93' }).waitFor();
    await page.getByRole('button', { name: 'Request a change for it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Request', exact: true }).click();
    await page.getByText('waits for a change to be approved').waitFor();

    await page.goto('/changes');
    const approve = page.getByRole('button', { name: 'Approve', exact: true });
    await approve.waitFor();
    expect(await approve.isDisabled()).toBe(true);
    const [change] = (await server.api<Listed<{ id: string; requestedBy: string }>>('GET', '/changes')).items;
    expect(change?.requestedBy).toBe('user:admin');

    const other = await signIn(browser, server, '/changes', SECOND);
    await other.getByRole('button', { name: 'Approve', exact: true }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await until(async () => ((await open()).length === 0 ? true : undefined), {
      withinMs: 20_000,
      what: 'the finding is accepted with the change',
    });

    const hour = 3_600_000;
    const now = Date.now();
    const next = await server.api<{ id: string }>('POST', '/changes', {
      title: 'More tools',
      ciIds: [ciId],
      kinds: ['software-installed'],
      startsAt: new Date(now - hour).toISOString(),
      endsAt: new Date(now + hour).toISOString(),
    });
    await other.reload();
    await other.getByRole('button', { name: 'Approve', exact: true }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await until(
      async () =>
        (await server.api<{ state: string }>('GET', `/changes/${next.id}`)).state === 'approved'
          ? true
          : undefined,
      { withinMs: 20_000, what: 'the change is approved' },
    );
    await send({ bash: '5.2', openssl: '3.0.11', nmap: '7.93', tcpdump: '4.99' });
    await until(
      async () => {
        const { items } = await server.api<Listed<{ ciName: string; causeId?: string }>>(
          'GET',
          `/cis/${ciId}/history`,
        );
        return items.some((row) => row.ciName === 'tcpdump' && row.causeId === next.id) ? true : undefined;
      },
      { withinMs: 20_000, what: 'history names the change' },
    );
    expect(await open()).toEqual([]);
  });
});
