/** Gives asset numbers by the pattern of a class, and knows how long its things last. */
import type { AssetSetting } from '@muster/shared/api/assets.ts';
import { numberOf, type PatternDate, seriesOf } from '@muster/shared/cmdb/asset-number.ts';
import { USEFUL_LIFE_MONTHS_DEFAULT } from '@muster/shared/cmdb/asset-value.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { CI_CLASSES, type CiClass, isAssetClass, isIndependentClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Ci } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { AssetSettingRecord, AssetStore } from './store.ts';

type OfClass = Pick<Ci, 'class' | 'subclass'>;
type IsTaken = (number: string) => boolean;

export interface AssetNumberer {
  /** Reserves the next free number; null where the class has no pattern. */
  next(of: OfClass, isTaken: IsTaken, nowMs: Millis): Promise<string | null>;
  lifeMonths(of: OfClass): number;
  /** Of every class that can be bought, own ones too. */
  list(isTaken: IsTaken, nowMs: Millis): AssetSetting[];
  /** @throws AppError not-found */
  put(
    className: string,
    setting: Pick<AssetSettingRecord, 'pattern' | 'lifeMonths'>,
    isTaken: IsTaken,
    nowMs: Millis,
  ): Promise<AssetSetting>;
}

export async function createAssetNumberer({
  store,
  registry,
}: {
  readonly store: AssetStore;
  readonly registry: () => ClassRegistry;
}): Promise<AssetNumberer> {
  const settings = new Map((await store.settings()).map((each) => [each.class, each]));

  /** Of the class itself or the nearest above it. */
  function settingOf(
    { class: ciClass, subclass }: OfClass,
    fits: (setting: AssetSettingRecord) => boolean,
  ): AssetSettingRecord | undefined {
    return registry()
      .lineOf(subclass ?? ciClass)
      .map((name) => settings.get(name))
      .find((setting) => setting !== undefined && fits(setting));
  }

  function free(setting: AssetSettingRecord, pattern: string, isTaken: IsTaken, nowMs: Millis) {
    const date = dateOf(nowMs);
    const series = seriesOf(pattern, date);
    let sequence = setting.counters[series] ?? 0;
    let number: string;
    do {
      sequence += 1;
      number = numberOf(pattern, date, sequence);
    } while (isTaken(number));
    return { series, sequence, number };
  }

  function assetClasses(): string[] {
    const builtIn = (Object.keys(CI_CLASSES) as CiClass[]).filter(
      (name) => isIndependentClass(name) && isAssetClass(name),
    );
    const own = registry()
      .classes.filter(({ name, archived }) => {
        const base = registry().baseOf(name);
        return !archived && base !== null && isAssetClass(base);
      })
      .map(({ name }) => name);
    return [...builtIn, ...own];
  }

  function shown(name: string, isTaken: IsTaken, nowMs: Millis): AssetSetting {
    const own = settings.get(name);
    const base = registry().baseOf(name);
    const of = { class: base as OfClass['class'], subclass: base === name ? null : name };
    const pattern = own?.pattern ?? null;
    return {
      class: name,
      pattern,
      next: own && pattern !== null ? free(own, pattern, isTaken, nowMs).number : null,
      lifeMonths: lifeMonths(of),
    };
  }

  function lifeMonths(of: OfClass): number {
    return settingOf(of, () => true)?.lifeMonths ?? USEFUL_LIFE_MONTHS_DEFAULT;
  }

  return {
    lifeMonths,
    async next(of, isTaken, nowMs) {
      const setting = settingOf(of, ({ pattern }) => pattern !== null);
      if (setting?.pattern == null) return null;
      const { series, sequence, number } = free(setting, setting.pattern, isTaken, nowMs);
      const after = { ...setting, counters: { ...setting.counters, [series]: sequence } };
      settings.set(setting.class, after);
      await store.putSetting(after);
      return number;
    },
    list: (isTaken, nowMs) => assetClasses().map((name) => shown(name, isTaken, nowMs)),
    async put(className, { pattern, lifeMonths: months }, isTaken, nowMs) {
      if (!assetClasses().includes(className))
        throw new AppError('not-found', `There is no class ${className} that can be bought.`);
      const counters = settings.get(className)?.counters ?? {};
      const setting = { class: className, pattern, lifeMonths: months, counters };
      settings.set(className, setting);
      await store.putSetting(setting);
      return shown(className, isTaken, nowMs);
    },
  };
}

function dateOf(nowMs: Millis): PatternDate {
  const date = new Date(nowMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}
