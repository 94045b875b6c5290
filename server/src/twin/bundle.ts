/** Writes a twin: everything on record as pages and JSON, hashed, signed, and there only when it is whole. */
import { randomUUID, type KeyObject } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceDetail } from '@muster/shared/api/relations.ts';
import { attributeDefinition, CI_CLASSES, RECORD_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES } from '@muster/shared/cmdb/relation-types.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { Ci, CmdbStore, RelationEdge } from '../cmdb/store.ts';
import { pause } from '../pause.ts';
import {
  type Cell,
  escaped,
  link,
  NAV,
  page,
  serviceSvg,
  table,
  TWIN_LANGUAGES,
  type TwinLanguage,
} from './html.ts';
import { MANIFEST, type Manifest, PUBLIC_KEY, publicPem, sha256Of, SIGNATURE, signed } from './sign.ts';

export interface TwinSources {
  readonly store: Pick<CmdbStore, 'machines' | 'records' | 'installations'>;
  readonly edgesOf: (ciId: string) => { from: readonly RelationEdge[]; to: readonly RelationEdge[] };
  readonly nameOf: (ciId: string) => string;
  readonly services: (nowMs: Millis) => readonly ServiceDetail[];
  readonly incidents: () => Promise<readonly TwinIncident[]>;
  readonly version: string;
}

export interface TwinIncident {
  readonly ref: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly priority: number;
  readonly state: string;
  readonly ciName: string;
  readonly openedAt: string;
}

export interface TwinMade {
  readonly path: string;
  readonly bytes: number;
  readonly files: number;
}

const NAME = /^muster-twin-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;
const HALF = '.muster-twin-unfinished-';

/**
 * Makes the bundle beside the others under a hidden name and renames it when it is complete; a failure (full disk, share gone)
 * leaves nothing. `onProgress` counts machines.
 * @throws NodeJS.ErrnoException
 */
export async function makeTwin(
  sources: TwinSources,
  target: { readonly folder: string; readonly keep: number; readonly key: KeyObject },
  nowMs: Millis,
  onProgress: (done: number, total: number) => void,
): Promise<TwinMade> {
  const { folder, keep, key } = target;
  const name = `muster-twin-${toIso(nowMs).slice(0, 19).replaceAll(':', '-')}Z`;
  const half = join(folder, `${HALF}${randomUUID()}`);
  await mkdir(half, { recursive: true });
  try {
    const files: Manifest['files'] = {};
    let bytes = 0;
    const made = new Set<string>();
    const put = async (file: string, content: string): Promise<void> => {
      const [parent] = file.split('/').length > 1 ? [file.slice(0, file.lastIndexOf('/'))] : [];
      if (parent !== undefined && !made.has(parent)) {
        await mkdir(join(half, parent), { recursive: true });
        made.add(parent);
      }
      const data = Buffer.from(content);
      await writeFile(join(half, file), data);
      files[file] = { sha256: sha256Of(data), bytes: data.length };
      bytes += data.length;
    };
    await writeAll(sources, put, nowMs, onProgress);
    const manifest: Manifest = {
      format: 'muster-twin/1',
      createdAt: toIso(nowMs),
      version: sources.version,
      files,
    };
    const text = JSON.stringify(manifest, null, 1);
    await writeFile(join(half, MANIFEST), text);
    await writeFile(join(half, SIGNATURE), signed(text, key));
    await writeFile(join(half, PUBLIC_KEY), publicPem(key));
    await rename(half, join(folder, name));
    await dropOld(folder, keep);
    return { path: join(folder, name), bytes, files: Object.keys(files).length };
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  }
}

async function dropOld(folder: string, keep: number): Promise<void> {
  const entries = await readdir(folder);
  const whole = entries.filter((entry) => NAME.test(entry)).toSorted();
  for (const entry of whole.slice(0, Math.max(0, whole.length - keep)))
    await rm(join(folder, entry), { recursive: true, force: true });
  // What a stop of the server left half-made.
  for (const entry of entries.filter((each) => each.startsWith(HALF)))
    if ((await stat(join(folder, entry))).isDirectory())
      await rm(join(folder, entry), { recursive: true, force: true });
}

type Put = (file: string, content: string) => Promise<void>;
const COLUMNS = {
  name: { en: 'Name', zh: '名称' },
  class: { en: 'Class', zh: '类别' },
  site: { en: 'Site', zh: '站点' },
  owner: { en: 'Owner', zh: '负责人' },
  lifecycle: { en: 'Lifecycle', zh: '生命周期' },
  state: { en: 'State', zh: '状态' },
  value: { en: 'Value', zh: '值' },
  attribute: { en: 'Attribute', zh: '属性' },
  relation: { en: 'Relation', zh: '关系' },
  serial: { en: 'Serial number', zh: '序列号' },
  asset: { en: 'Asset number', zh: '资产编号' },
} as const;

async function writeAll(
  { store, edgesOf, nameOf, services: servicesAt, incidents, version }: TwinSources,
  put: Put,
  nowMs: Millis,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const made = toIso(nowMs).slice(0, 16).replace('T', ' ');
  const machines = (await store.machines()).filter(({ mergedInto }) => mergedInto === null).toSorted(byName);
  const records = new Map<string, Ci[]>();
  for (const recordClass of RECORD_CLASSES)
    records.set(recordClass, (await store.records(recordClass)).toSorted(byName));
  const services = servicesAt(nowMs);
  const open = await incidents();
  const all = [...machines, ...[...records.values()].flat()];
  const of = (...names: string[]) => names.flatMap((name) => records.get(name) ?? []);
  await put(
    'index.html',
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Muster</title></head><body><p><a href="en/index.html">English</a> <a href="zh/index.html">中文</a></p></body></html>`,
  );
  for (const language of TWIN_LANGUAGES) {
    const word = (key: keyof typeof COLUMNS) => COLUMNS[key][language];
    const other = language === 'en' ? 'zh' : 'en';
    const title = (file: string) => NAV.find(([name]) => name === file)?.[1][language] ?? file;
    const write = (file: string, body: string) =>
      put(
        `${language}/${file}.html`,
        page({ language, title: title(file), up: '../', other: `../${other}/${file}.html`, made, body }),
      );
    const ciLink = ({ id, name }: Pick<Ci, 'id' | 'name'>) => link(`ci/${id}.html`, name);
    const list = (cis: readonly Ci[]) =>
      table(
        [
          word('name'),
          word('class'),
          word('serial'),
          word('asset'),
          word('site'),
          word('owner'),
          word('lifecycle'),
        ],
        cis.map((ci) => [
          ciLink(ci),
          CI_CLASSES[ci.class].title[language],
          textOf(ci, 'serial'),
          ci.assetNumber,
          ci.site,
          ci.owner,
          ci.lifecycle,
        ]),
      );
    await write(
      'index',
      table(
        [],
        NAV.slice(1).map(([file, text]) => [link(`${file}.html`, text[language])]),
      ) + `<p>${all.length} · Muster ${escaped(version)}</p>`,
    );
    await write('machines', list(machines));
    await write(
      'services',
      services
        .map(
          (service) =>
            `<h2>${escaped(service.name)}</h2><p>${escaped(`${word('state')}: ${service.state} · ${word('owner')}: ${service.owner ?? '–'}`)}</p>${serviceSvg(service.name, service.membersList)}`,
        )
        .join(''),
    );
    await write(
      'incidents',
      table(
        ['', COLUMNS.name[language], word('state'), 'P', ''],
        open.map((each) => [
          each.ref,
          `${each.title[language]} ${each.ciName}`,
          each.state,
          each.priority,
          each.openedAt,
        ]),
      ),
    );
    await write('contacts', people(of('Person', 'Team', 'Organisation', 'Supplier'), language));
    await write('licences', list(of('Licence', 'Contract')));
    await write(
      'records',
      list(
        of(
          'NetworkDevice',
          'Printer',
          'Peripheral',
          'Subnet',
          'Location',
          'Service',
          'BusinessApplication',
          'Document',
        ),
      ),
    );
    await write('verify', RUNBOOK[language]);
  }
  const lines: string[] = [];
  for (const [at, ci] of all.entries()) {
    const packages = at < machines.length ? await store.installations(ci.id) : [];
    const { from, to } = edgesOf(ci.id);
    for (const language of TWIN_LANGUAGES) {
      const word = (key: keyof typeof COLUMNS) => COLUMNS[key][language];
      const other = language === 'en' ? 'zh' : 'en';
      const ties: Cell[][] = [
        ...from.map((edge) => [
          RELATION_TYPES[edge.type].title[language],
          link(`${edge.toId}.html`, nameOf(edge.toId)),
        ]),
        ...to.map((edge) => [
          RELATION_TYPES[edge.type].inverse[language],
          link(`${edge.fromId}.html`, nameOf(edge.fromId)),
        ]),
      ];
      const attributes = Object.entries(ci.attributes).flatMap(([name, { value }]): Cell[][] =>
        value === null ? [] : [[attributeDefinition(ci.class, name)?.title[language] ?? name, plain(value)]],
      );
      const body =
        table(
          [word('attribute'), word('value')],
          [
            [word('class'), CI_CLASSES[ci.class].title[language]],
            [word('lifecycle'), ci.lifecycle],
            [word('asset'), ci.assetNumber],
            [word('site'), ci.site],
            [word('owner'), ci.owner],
            ...attributes,
          ],
        ) +
        (ties.length > 0 ? table([word('relation'), word('name')], ties) : '') +
        (packages.length > 0
          ? `<p><a href="../../software/${ci.id}.html">Software 软件 (${packages.length})</a></p>`
          : '');
      await put(
        `${language}/ci/${ci.id}.html`,
        page({
          language,
          title: ci.name,
          up: '../../',
          other: `../../${other}/ci/${ci.id}.html`,
          made,
          body,
        }),
      );
    }
    if (packages.length > 0)
      await put(
        `software/${ci.id}.html`,
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(ci.name)}</title></head><body><h1>${escaped(ci.name)}</h1><table><tr><th>Name 名称<th>Version 版本<th>Source 来源</tr>${packages.map(({ name, version: of2, source }) => `<tr><td>${escaped(name)}<td>${escaped(of2)}<td>${source}`).join('')}</table></body></html>`,
      );
    if (packages.length > 0) await put(`json/software/${ci.id}.json`, JSON.stringify(packages));
    lines.push(JSON.stringify({ ...ci, relations: [...from, ...to].map(({ id }) => id) }));
    onProgress(at + 1, all.length);
    // The server serves others between two machines.
    if (at % 10 === 0) await pause();
  }
  await put('json/cis.ndjson', lines.join('\n'));
  await put(
    'json/relations.ndjson',
    [
      ...new Map(
        all.flatMap((ci) => edgesOf(ci.id).from.map((edge) => [edge.id, JSON.stringify(edge)] as const)),
      ).values(),
    ].join('\n'),
  );
  await put('json/services.json', JSON.stringify(services, null, 1));
  await put('json/incidents.json', JSON.stringify(open, null, 1));
}

function people(cis: readonly Ci[], language: TwinLanguage): string {
  return table(
    [
      COLUMNS.name[language],
      COLUMNS.class[language],
      ...(['phone', 'mail', 'onCall'] as const).map((name) => CONTACT[name][language]),
    ],
    cis.map((ci) => [
      link(`ci/${ci.id}.html`, ci.name),
      CI_CLASSES[ci.class].title[language],
      textOf(ci, 'phone'),
      textOf(ci, 'mail'),
      textOf(ci, 'onCall'),
    ]),
  );
}

const CONTACT = {
  phone: { en: 'Telephone', zh: '电话' },
  mail: { en: 'E-mail', zh: '电子邮件' },
  onCall: { en: 'On call', zh: '值班' },
} as const;

const RUNBOOK: Readonly<Record<TwinLanguage, string>> = {
  en: '<ol><li>Open <code>index.html</code> with any browser; no network and no server is needed.</li><li>To check that nothing was changed: <code>muster twin verify FOLDER --key FINGERPRINT</code>. The fingerprint stands in the settings of the server; write it down and keep it apart from this copy.</li><li>Without Muster: <code>manifest.json</code> names the SHA-256 of each file; <code>manifest.sig</code> (base64) is its Ed25519 signature by <code>public-key.pem</code>: <code>base64 -d manifest.sig &gt; sig; openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile sig</code>.</li><li><code>json/</code> holds the same for programs, one item a line; <code>json/software/</code> what is installed, one file a machine.</li></ol>',
  zh: '<ol><li>用任意浏览器打开 <code>index.html</code>，不需要网络和服务器。</li><li>检查内容未被更改：<code>muster twin verify 文件夹 --key 指纹</code>。指纹显示在服务器的设置中，请抄写并与本副本分开保存。</li><li>没有 Muster 时：<code>manifest.json</code> 列出每个文件的 SHA-256；<code>manifest.sig</code>（base64）是用 <code>public-key.pem</code> 校验的 Ed25519 签名：<code>base64 -d manifest.sig &gt; sig; openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile sig</code>。</li><li><code>json/</code> 含供程序使用的相同内容，每行一项；<code>json/software/</code> 为已安装软件，每台计算机一个文件。</li></ol>',
};

function textOf(ci: Ci, name: string): string | null {
  const value = ci.attributes[name]?.value;
  return value === undefined || value === null ? null : plain(value);
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function byName(a: Ci, b: Ci): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
