/** Why a rollout is as it is, for people. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { RingName, RolloutStep } from '@muster/shared/api/rollouts.ts';
import type { RolloutReason } from './store.ts';

const RINGS: Readonly<Record<RingName, Words>> = {
  pilot: { en: 'pilot', zh: '试点' },
  early: { en: 'early', zh: '先行' },
  all: { en: 'last', zh: '全部' },
};

/** `bad` of `agents` failed, were taken back or fell silent. */
export function gateWords(ring: RingName, bad: number, agents: number): Words {
  return {
    en: `${bad} of ${agents} agents of the ${RINGS[ring].en} ring failed, were taken back or fell silent, more than the gate allows.`,
    zh: `${RINGS[ring].zh}批次 ${agents} 个代理中有 ${bad} 个失败、自动退回或失去联系，超过了放行条件。`,
  };
}

export function nobodyWords(ring: RingName): Words {
  return {
    en: `No agent of the ${RINGS[ring].en} ring runs the release.`,
    zh: `${RINGS[ring].zh}批次没有任何代理成功运行该版本。`,
  };
}

const STEPS: Readonly<Record<RolloutStep['to'], Words>> = {
  paused: { en: 'Paused', zh: '暂停' },
  stopped: { en: 'Stopped', zh: '停止' },
  'rolling-back': { en: 'Rolled back', zh: '回退' },
};

/** What a person did, who, and why where it was said. */
export function stepReason(step: RolloutStep): RolloutReason {
  const name = step.by.replace(/^user:/, '');
  const en = `${STEPS[step.to].en} by ${name}`;
  const zh = `由 ${name} ${STEPS[step.to].zh}`;
  return step.note === ''
    ? { en: `${en}.`, zh: `${zh}。`, step }
    : { en: `${en}: ${step.note}`, zh: `${zh}：${step.note}`, step };
}

/** Of the finding. */
export function failedWords(version: string, why: Words): Words {
  return { en: `The rollout of ${version} failed: ${why.en}`, zh: `版本 ${version} 的发布失败：${why.zh}` };
}

export const RELEASE_GONE: Words = {
  en: 'The files of the release are no longer on this server. Add them again and resume.',
  zh: '服务器上已没有该版本的文件。请重新添加后继续。',
};
