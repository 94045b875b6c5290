/** What an edit makes of a CI, with the history that says so. Pure. */
import {
  attributeDefinition,
  type AttributeDefinition,
  type CiClass,
  type IndependentClass,
  isAssetClass,
} from '@muster/shared/cmdb/classes.ts';
import { type ClassRegistry, NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { assetNumberKey } from '@muster/shared/cmdb/asset-number.ts';
import {
  LIFECYCLE_STEPS,
  LIFECYCLE_WORDS,
  lifecycleStep,
  type LifecycleState,
} from '@muster/shared/cmdb/lifecycle.ts';
import type { Millis } from '@muster/shared/time.ts';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { lockedWith, unlocked, withSaid } from './held-values.ts';
import type { AttributeValue } from './picture.ts';
import type { Ci, HistoryRow } from './store.ts';

/** What people may set; undefined = leave. */
export interface CiEdit {
  readonly name?: string | undefined;
  readonly class?: IndependentClass | undefined;
  readonly subclass?: string | null | undefined;
  readonly lifecycle?: Ci['lifecycle'] | undefined;
  readonly criticality?: number | undefined;
  readonly assetNumber?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly supportGroup?: string | null | undefined;
  readonly site?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Attributes that reports tell: the person's value stands over them until it is unlocked (null). */
  readonly lock?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes that only people know; null takes the value away. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Why; some steps of the lifecycle and each correction of an asset number need it. */
  readonly reason?: string | undefined;
  /** The lifecycle goes back to what it was before its last step, which may be no step of its own. */
  readonly takesBack?: boolean | undefined;
}

export interface Editor {
  /** As in the audit log. */
  readonly actor: string;
  readonly source: 'human' | 'import' | 'third-party';
  readonly nowMs: Millis;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** What the administrator added to the classes. */
  readonly registry?: ClassRegistry | undefined;
  /** What it is made with is its first state: no step leads there, and nothing is corrected. */
  readonly isNew?: boolean | undefined;
  /** May give another asset number to what has one. */
  readonly mayCorrectNumber?: boolean | undefined;
  /** State before the last step, where that step may still be taken back. */
  readonly lifecycleBefore?: LifecycleState | null | undefined;
  /** Record fields that a person said by hand and an import leaves alone. */
  readonly humanFields?: ReadonlySet<string> | undefined;
}

const EDITABLE = [
  'name',
  'class',
  'subclass',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;

/**
 * `source` 'import' never overrules what a person said by hand.
 * @throws AppError input-invalid where the class has no such attribute or the value is not of its form
 */
export function edited<T extends Ci>(
  before: T,
  edit: CiEdit,
  editor: Editor,
): { ci: T; history: HistoryRow[] } {
  const { actor, source, nowMs, newId } = editor;
  const registry = editor.registry ?? NO_OWN_CLASSES;
  const history: HistoryRow[] = [];
  const subject = { ciId: before.id, machineId: before.id, ciName: before.name, ciClass: before.class };
  const note = (attribute: string, from: AttributeValue, to: AttributeValue) =>
    history.push({
      id: newId('hist', nowMs),
      atMs: nowMs,
      ...subject,
      kind: 'changed',
      attribute,
      before: from,
      after: to,
      source,
      actor,
    });
  const changes: Record<string, unknown> = {};
  for (const field of EDITABLE) {
    const value = field === 'assetNumber' ? trimmed(edit.assetNumber) : edit[field];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(before[field])) continue;
    if (source === 'import' && editor.humanFields?.has(field) && !isEmpty(before[field])) continue;
    if (field === 'subclass') requireSubclass(edit.class ?? before.class, edit.subclass, registry);
    if (field === 'lifecycle') requireStep(before, edit, editor);
    if (field === 'assetNumber') requireNumberFree(before, edit, editor);
    changes[field] = value;
    note(field, before[field], value);
  }
  const reason = edit.reason?.trim();
  if (reason && ('lifecycle' in changes || 'assetNumber' in changes)) note('reason', null, reason);
  const ciClass = edit.class ?? before.class;
  if (before.subclass !== null && !('subclass' in changes) && registry.baseOf(before.subclass) !== ciClass) {
    changes.subclass = null;
    note('subclass', before.subclass, null);
  }
  const subclass = edit.subclass === undefined ? before.subclass : edit.subclass;
  const ownDefinition = (name: string) => ownDefinitionOf(registry, { class: ciClass, subclass }, name);
  if ('name' in changes) changes.nameLocked = true;
  if ('class' in changes) changes.classLocked = true;

  const attributes = { ...before.attributes };
  for (const [name, value] of Object.entries(edit.lock ?? {})) {
    const held = attributes[name];
    if (value === null) {
      if (!held?.lockedBy) continue;
      attributes[name] = unlocked(held);
      note(name, held.value, attributes[name].value);
    } else {
      const locked = validValue(ciClass, name, value, ownDefinition(name));
      attributes[name] = lockedWith(held, locked, actor, nowMs);
      note(name, held?.value ?? null, locked);
    }
  }
  for (const [name, value] of Object.entries(edit.set ?? {})) {
    const held = attributes[name];
    if (source === 'import' && held?.source === 'human' && held.value !== null) continue;
    const said = value === null ? null : validValue(ciClass, name, value, ownDefinition(name));
    if (JSON.stringify(said) === JSON.stringify(held?.value ?? null)) continue;
    attributes[name] = withSaid(held, { value: said, source, observedAtMs: nowMs, section: null });
    note(name, held?.value ?? null, said);
  }
  const ci = { ...before, ...changes, attributes };
  requireValues(ci, edit, registry, editor.isNew ?? false);
  return { ci, history };
}

function ownDefinitionOf(
  registry: ClassRegistry,
  { class: ciClass, subclass }: Pick<Ci, 'class' | 'subclass'>,
  name: string,
): AttributeDefinition | undefined {
  const line = registry.lineOf(subclass ?? ciClass);
  return registry.attributes.find((each) => each.name === name && !each.archived && line.includes(each.class))
    ?.definition;
}

/** @throws AppError input-invalid */
function requireSubclass(
  ciClass: IndependentClass,
  subclass: string | null | undefined,
  registry: ClassRegistry,
): void {
  if (subclass === null || subclass === undefined) return;
  if (registry.baseOf(subclass) !== ciClass || subclass === ciClass)
    throw new AppError('input-invalid', `There is no class ${subclass} below ${ciClass}.`);
}

/** What the administrator made required is there from the beginning and is not taken away. @throws AppError input-invalid */
function requireValues(ci: Ci, edit: CiEdit, registry: ClassRegistry, isNew: boolean): void {
  const missing = registry
    .required(ci.class, ci.subclass)
    .filter(({ name }) => isNew || Object.hasOwn(edit.set ?? {}, name))
    .filter(({ name }) => isEmpty(ci.attributes[name]?.value ?? null));
  if (missing.length === 0) return;
  throw new AppError(
    'input-invalid',
    `${ci.name} needs ${missing.map(({ definition }) => definition.title.en).join(', ')}.`,
    { issues: missing.map(({ name }) => ({ path: `set.${name}`, message: 'required' })) },
  );
}

function trimmed(value: string | null | undefined): string | null | undefined {
  return typeof value === 'string' ? value.trim() || null : value;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** @throws AppError transition-not-allowed, input-invalid */
function requireStep(before: Ci, edit: CiEdit, editor: Editor): void {
  const { lifecycle: wanted } = edit;
  if (wanted === undefined || editor.isNew) return;
  if (edit.takesBack && editor.lifecycleBefore === wanted) return;
  const step = lifecycleStep(before.lifecycle, wanted);
  const word = (state: LifecycleState) => `"${LIFECYCLE_WORDS[state].en}"`;
  if (!step) {
    const possible = LIFECYCLE_STEPS[before.lifecycle].map((each) => word(each.to));
    const after = possible.length === 0 ? 'That is its last state.' : `Possible: ${possible.join(', ')}.`;
    throw new AppError(
      'transition-not-allowed',
      `${before.name} is ${word(before.lifecycle)} and cannot become ${word(wanted)}. ${after}`,
    );
  }
  if (step.needs.includes('reason') && !edit.reason?.trim())
    throw new AppError('input-invalid', `${before.name} can become ${word(wanted)} only with a reason.`, {
      issues: [{ path: 'reason', message: 'needed for this step' }],
    });
  const condition = edit.set?.['condition'] ?? before.attributes['condition']?.value ?? null;
  if (step.needs.includes('condition') && isAssetClass(before.class) && condition === null)
    throw new AppError(
      'input-invalid',
      `${before.name} can become ${word(wanted)} only when its condition is said.`,
      { issues: [{ path: 'set.condition', message: 'needed for this step' }] },
    );
}

/** A label is stuck to a thing once. @throws AppError forbidden, input-invalid */
function requireNumberFree(before: Ci, edit: CiEdit, editor: Editor): void {
  if (before.assetNumber === null || editor.isNew) return;
  const wanted = trimmed(edit.assetNumber) ?? null;
  if (wanted !== null && assetNumberKey(wanted) === assetNumberKey(before.assetNumber)) return;
  if (!editor.mayCorrectNumber)
    throw new AppError(
      'forbidden',
      `${before.name} has the asset number ${before.assetNumber}, which stays; only an administrator corrects one.`,
    );
  if (!edit.reason?.trim())
    throw new AppError(
      'input-invalid',
      `The asset number ${before.assetNumber} of ${before.name} is corrected only with a reason.`,
      { issues: [{ path: 'reason', message: 'needed to correct an asset number' }] },
    );
}

/**
 * A value in the form in which its attribute is read. `own`: the definition where the administrator added the attribute.
 * @throws AppError input-invalid
 */
export function validValue(
  ciClass: CiClass,
  name: string,
  value: unknown,
  own?: AttributeDefinition,
): AttributeValue {
  const definition = own ?? attributeDefinition(ciClass, name);
  if (!definition) throw new AppError('input-invalid', `A ${ciClass} has no attribute ${name}.`);
  const parsed = FORMS[definition.form].safeParse(value);
  if (!parsed.success)
    throw new AppError('input-invalid', `The value for ${name} must be ${FORM_WORDS[definition.form]}.`);
  if (definition.form === 'choice' && !definition.options?.includes(String(parsed.data)))
    throw new AppError(
      'input-invalid',
      `The value for ${name} must be one of ${definition.options?.join(', ')}.`,
    );
  return parsed.data;
}

const TEXT_LENGTH_MAX = 1_000;
const LIST_LENGTH_MAX = 256;
const text = z.string().max(TEXT_LENGTH_MAX);
const FORMS = {
  text,
  choice: text,
  time: text,
  date: z.iso.date(),
  number: z.number(),
  money: z.number().min(0),
  bytes: z.number(),
  hertz: z.number(),
  'bits-per-second': z.number(),
  list: z.array(text).max(LIST_LENGTH_MAX),
  'yes-no': z.boolean(),
} as const satisfies Record<AttributeDefinition['form'], z.ZodType<AttributeValue>>;
const TEXT_WORDS = `text of at most ${TEXT_LENGTH_MAX} characters`;
const FORM_WORDS: Record<AttributeDefinition['form'], string> = {
  text: TEXT_WORDS,
  choice: TEXT_WORDS,
  time: TEXT_WORDS,
  date: 'a date as YYYY-MM-DD',
  number: 'a number',
  money: 'an amount of money, zero or more',
  bytes: 'a number of bytes',
  hertz: 'a number of hertz',
  'bits-per-second': 'a number of bits per second',
  list: `a list of at most ${LIST_LENGTH_MAX} texts`,
  'yes-no': 'true or false',
};
