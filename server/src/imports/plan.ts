/** What a row of a spreadsheet says: an edit, its class, and whom and where it belongs to. Pure. */
import type { ImportMapping, ImportRow } from '@muster/shared/api/imports.ts';
import { LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import { type ClassRegistry, classPair } from '@muster/shared/cmdb/class-registry.ts';
import { CI_CLASSES, type CiClass, type IndependentClass } from '@muster/shared/cmdb/classes.ts';
import { LIFECYCLE_WORDS, type LifecycleState } from '@muster/shared/cmdb/lifecycle.ts';
import type { CiEdit } from '../cmdb/edit.ts';
import { type Cell, cellText, isShortened, parseCell } from './cells.ts';
import { headingKey, isFieldTarget } from './targets.ts';

export type RowProblem = ImportRow['problems'][number];

export interface PlannedRow {
  readonly class: IndependentClass;
  readonly subclass: string | null;
  readonly name: string | null;
  readonly serial: string | null;
  readonly edit: Omit<CiEdit, 'class' | 'subclass' | 'name' | 'lock'>;
  readonly user: string | null;
  /** From the outermost to the innermost. */
  readonly location: readonly string[] | null;
  readonly problems: readonly RowProblem[];
}

const NAME_LENGTH_MAX = 128;
const FIELD_LENGTHS_MAX = { owner: 128, supportGroup: 128, site: 64, assetNumber: 64 } as const;

/** An empty cell says nothing: it takes no value away. */
export function planRow(cells: readonly Cell[], mapping: ImportMapping, registry: ClassRegistry): PlannedRow {
  const problems: RowProblem[] = [];
  const fault = (column: number, code: RowProblem['code'], data: RowProblem['data'], message: string) =>
    void problems.push({ column: column === -1 ? null : column, code, data, message });
  const columnOf = (target: string) => mapping.columns.indexOf(target);
  const textAt = (target: string) => {
    const column = columnOf(target);
    return column === -1 ? '' : cellText(cells[column] ?? null);
  };

  const classText = textAt('class');
  const named = classText === '' ? mapping.class : classNamed(classText, registry);
  const pair = named === null ? null : classPair(registry, named);
  if (pair === null) {
    const wanted = classText || mapping.class;
    fault(columnOf('class'), 'class-unknown', { value: wanted }, `There is no class ${wanted}.`);
  }
  const of = pair ?? classPair(registry, mapping.class) ?? { class: 'Workstation' as const, subclass: null };

  const fields: Record<string, unknown> = {};
  const set: Record<string, unknown> = {};
  let location: string[] | null = null;
  let user: string | null = null;
  for (const [column, target] of mapping.columns.entries()) {
    const cell = cells[column] ?? null;
    const text = cellText(cell);
    if (target === null || text === '') continue;
    if (target.startsWith('attribute:')) {
      const name = target.slice('attribute:'.length);
      const definition = registry.definitionOf(of.class, of.subclass, name);
      if (!definition) {
        const ofClass = of.subclass ?? of.class;
        fault(
          column,
          'attribute-unknown',
          { attribute: name, class: ofClass },
          `A ${ofClass} has no attribute ${name}.`,
        );
        continue;
      }
      const parsed = parseCell(cell, definition, mapping.dateOrder);
      if ('fault' in parsed)
        fault(
          column,
          parsed.code,
          { value: text, ...(parsed.options === undefined ? {} : { options: parsed.options }) },
          `"${text}" should be ${parsed.fault}.`,
        );
      else if (parsed.value !== null) set[name] = parsed.value;
    } else if (target === 'relation:user') user = text.slice(0, NAME_LENGTH_MAX);
    else if (target === 'relation:location')
      location = text
        .split(/\s*[/>|\\]\s*/)
        .map((part) => part.trim().slice(0, NAME_LENGTH_MAX))
        .filter(Boolean);
    else if (target === 'assetNumber' && isShortened(cell))
      fault(
        column,
        'digits-lost',
        { value: text },
        `"${text}" should be text: as a number it lost its last digits.`,
      );
    else if (isFieldTarget(target)) takeField(target, text, column);
    else fault(column, 'target-unknown', { value: target }, `There is no target ${target}.`);
  }

  function takeField(target: string, text: string, column: number): void {
    if (target === 'lifecycle') {
      const state = lifecycleNamed(text);
      if (state === null)
        fault(column, 'state-unknown', { value: text }, `"${text}" is no state of the lifecycle.`);
      else fields[target] = state;
    } else if (target === 'criticality') {
      const level = Number(text);
      if ([1, 2, 3, 4].includes(level)) fields[target] = level;
      else fault(column, 'criticality-unknown', { value: text }, `"${text}" should be 1 (highest) to 4.`);
    } else if (target === 'tags') {
      fields[target] = [
        ...new Set(
          text
            .split(/[,;，；]/)
            .map((tag) => tag.trim())
            .filter(Boolean),
        ),
      ];
    } else if (target !== 'name' && target !== 'class') {
      const lengthMax = FIELD_LENGTHS_MAX[target as keyof typeof FIELD_LENGTHS_MAX];
      if (text.length > lengthMax)
        fault(column, 'too-long', { count: lengthMax }, `At most ${lengthMax} characters.`);
      else fields[target] = text;
    }
  }

  const name = textAt('name').slice(0, NAME_LENGTH_MAX) || null;
  const serial = typeof set['serial'] === 'string' ? set['serial'] : null;
  return {
    ...of,
    name,
    serial,
    edit: { ...fields, ...(Object.keys(set).length > 0 ? { set } : {}) },
    user,
    location: location?.length ? location : null,
    problems,
  };
}

export function serialKey(serial: string): string {
  return serial.toUpperCase().replaceAll(/\s+/g, '');
}

function classNamed(text: string, registry: ClassRegistry): string | null {
  const key = headingKey(text);
  for (const [name, { title }] of Object.entries(CI_CLASSES))
    if ([name, title.en, title.zh].some((word) => headingKey(word) === key)) return name;
  const own = registry.classes.find(({ name, title }) =>
    [name, title.en, title.zh].some((word) => headingKey(word) === key),
  );
  return own?.name ?? KINDS[key] ?? null;
}

/** What people call things that are workstations here. */
const KINDS: Readonly<Record<string, CiClass>> = {
  pc: 'Workstation',
  desktop: 'Workstation',
  laptop: 'Workstation',
  notebook: 'Workstation',
  computer: 'Workstation',
  台式机: 'Workstation',
  笔记本: 'Workstation',
  笔记本电脑: 'Workstation',
  电脑: 'Workstation',
  计算机: 'Workstation',
  monitor: 'Peripheral',
  显示器: 'Peripheral',
  switch: 'NetworkDevice',
  router: 'NetworkDevice',
  交换机: 'NetworkDevice',
  路由器: 'NetworkDevice',
};

function lifecycleNamed(text: string): LifecycleState | null {
  const key = headingKey(text);
  return (
    LIFECYCLES.find((state) =>
      [state, LIFECYCLE_WORDS[state].en, LIFECYCLE_WORDS[state].zh].some((word) => headingKey(word) === key),
    ) ?? null
  );
}
