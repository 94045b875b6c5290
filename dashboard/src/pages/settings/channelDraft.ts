/** A notification channel as its form holds it, and what of it is sent. Pure. */
import type { z } from 'zod';
import { type Channel, ChannelConfig, SECRET_KEPT } from '@muster/shared/api/operations.ts';
import type { Language } from '@muster/shared/api/access.ts';
import type { Key } from '../../i18n/catalogue.ts';

export type ChannelShown = z.infer<typeof Channel>;
export type Security = Extract<ChannelConfig, { kind: 'email' }>['security'];

export interface ChannelDraft {
  readonly kind: ChannelConfig['kind'];
  readonly name: string;
  readonly enabled: boolean;
  readonly language: Language;
  readonly priorityMax: '1' | '2' | '3' | '4';
  readonly url: string;
  /** Of a webhook its secret, of mail the password; '' with `secretKept`: as it is. */
  readonly secret: string;
  readonly secretKept: boolean;
  readonly host: string;
  readonly port: string;
  readonly security: Security;
  readonly user: string;
  readonly from: string;
  /** Parted by commas or lines. */
  readonly to: string;
}

export const PORTS: Readonly<Record<Security, string>> = { none: '25', starttls: '587', tls: '465' };

export function emptyDraft(kind: ChannelConfig['kind'], language: Language): ChannelDraft {
  return {
    kind,
    name: '',
    enabled: true,
    language,
    priorityMax: '2',
    url: '',
    secret: '',
    secretKept: false,
    host: '',
    port: PORTS.starttls,
    security: 'starttls',
    user: '',
    from: '',
    to: '',
  };
}

const PRIORITIES = ['1', '2', '3', '4'] as const;

export function draftOf({ config, ...channel }: ChannelShown): ChannelDraft {
  const draft: ChannelDraft = {
    ...emptyDraft(config.kind, channel.language),
    name: channel.name,
    enabled: channel.enabled,
    priorityMax: PRIORITIES.find((each) => Number(each) === channel.priorityMax) ?? '4',
  };
  if (config.kind === 'webhook') return { ...draft, url: config.url, secretKept: config.secret !== null };
  return {
    ...draft,
    host: config.host,
    port: String(config.port),
    security: config.security,
    user: config.user ?? '',
    secretKept: config.password !== null,
    from: config.from,
    to: config.to.join(', '),
  };
}

export type Wrong = Partial<Record<keyof ChannelDraft, Key>>;

export interface ChannelBody {
  readonly name: string;
  readonly enabled: boolean;
  readonly language: Language;
  readonly priorityMax: number;
  readonly config: ChannelConfig;
}

const WRONG: Readonly<Record<string, readonly [keyof ChannelDraft, Key]>> = {
  url: ['url', 'settings.notify.wrong.url'],
  host: ['host', 'settings.notify.wrong.host'],
  port: ['port', 'settings.notify.wrong.port'],
  from: ['from', 'settings.notify.wrong.from'],
  to: ['to', 'settings.notify.wrong.to'],
};

/** What is sent, or what is wrong, field by field. */
export function bodyOf(draft: ChannelDraft): { body: ChannelBody } | { wrong: Wrong } {
  const wrong: Wrong = {};
  if (draft.name.trim() === '') wrong.name = 'settings.notify.wrong.name';
  if (draft.kind === 'email' && draft.host.trim() === '') wrong.host = 'settings.notify.wrong.host';
  const parsed = ChannelConfig.safeParse(configOf(draft));
  if (!parsed.success) {
    for (const { path } of parsed.error.issues) {
      const known = WRONG[String(path[0])];
      if (known) wrong[known[0]] = known[1];
    }
  }
  if (!parsed.success || Object.keys(wrong).length > 0) return { wrong };
  return {
    body: {
      name: draft.name.trim(),
      enabled: draft.enabled,
      language: draft.language,
      priorityMax: Number(draft.priorityMax),
      config: parsed.data,
    },
  };
}

function configOf(draft: ChannelDraft): unknown {
  const secret = draft.secret === '' ? (draft.secretKept ? SECRET_KEPT : null) : draft.secret;
  if (draft.kind === 'webhook') return { kind: 'webhook', url: draft.url.trim(), secret };
  const user = draft.user.trim();
  return {
    kind: 'email',
    host: draft.host.trim(),
    port: Number(draft.port),
    security: draft.security,
    user: user === '' ? null : user,
    password: user === '' ? null : secret,
    from: draft.from.trim(),
    to: draft.to.split(/[,，;；\s]+/).filter((address) => address !== ''),
  };
}
