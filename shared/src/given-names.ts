/**
 * Names that the product gave what it sets up itself. Stored is the English one, so that people can give another; until
 * then readers see that of their language. Pure.
 */
import type { Words } from './api/incidents.ts';

/** By id of the thing. */
export type GivenNames = Readonly<Record<string, Words>>;

export const FINDING_RULE_NAMES = {
  'protection-on-servers': { en: 'Protection changed on a server', zh: '服务器的安全防护发生变化' },
  'machine-not-seen': { en: 'A machine was not seen for weeks', zh: '计算机数周未出现' },
  'rollout-failed': { en: 'A rollout of the agent failed', zh: '代理程序升级失败' },
  'agent-uninstalled-on-critical': {
    en: 'The agent of a critical machine was uninstalled',
    zh: '关键计算机的代理程序被卸载',
  },
} as const satisfies GivenNames;

export const POLICY_RULE_NAMES = {
  'package-updates': {
    en: 'Updates of packages that are installed already',
    zh: '已安装软件包的更新',
  },
} as const satisfies GivenNames;

/** Of the enrolment token that a server makes for the agent beside it. */
export const OWN_TOKEN_NAME = 'this machine';

/** By their name: each start of a server may make one. */
export const TOKEN_NAMES = {
  [OWN_TOKEN_NAME]: { en: OWN_TOKEN_NAME, zh: '服务器本机' },
} as const satisfies GivenNames;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** In both languages; a name that somebody wrote is the same in each. */
export function nameWordsIn(given: GivenNames, { id, name }: Named): Words {
  const own = ownOf(given, id);
  return own?.en === name ? own : { en: name, zh: name };
}

/** What is stored when a person has typed `typed`: a given name in either language is still the given one. */
export function storedNameIn(given: GivenNames, { id }: Pick<Named, 'id'>, typed: string): string {
  const own = ownOf(given, id);
  return own !== undefined && (typed === own.en || typed === own.zh) ? own.en : typed;
}

function ownOf(given: GivenNames, id: string): Words | undefined {
  return Object.hasOwn(given, id) ? given[id] : undefined;
}
