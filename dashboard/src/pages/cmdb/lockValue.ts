/** The value of an attribute as it is typed, and back. Pure. */
import type { AttributeDefinition } from '@muster/shared/cmdb/classes.ts';

type Form = AttributeDefinition['form'];
const GIB = 2 ** 30;

/** Bytes are typed in GiB, hertz in GHz, lists one to a line. */
export function printValue(form: Form, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join('\n');
  if (typeof value === 'number') return String(value / factorOf(form));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** undefined: no value of this form. */
export function parseValue(form: Form, text: string): string | number | boolean | string[] | undefined {
  const trimmed = text.trim();
  switch (form) {
    case 'yes-no':
      return trimmed === 'true';
    case 'list': {
      const lines = trimmed.split('\n').map((line) => line.trim());
      return lines.filter((line) => line !== '');
    }
    case 'text':
    case 'choice':
    case 'date':
    case 'time':
      return trimmed === '' ? undefined : trimmed;
    case 'number':
    case 'money':
    case 'bytes':
    case 'hertz':
    case 'bits-per-second': {
      const value = Number(trimmed.replace(',', '.'));
      if (trimmed === '' || !Number.isFinite(value)) return undefined;
      return form === 'money' ? value : Math.round(value * factorOf(form));
    }
  }
}

function factorOf(form: Form): number {
  return form === 'bytes' ? GIB : form === 'hertz' ? 1e9 : 1;
}
