/** Blocks that are read from dmidecode's report. */
import { parseDmidecode } from '@muster/agent/inventory/parsers/dmidecode.ts';
import { type Adapters, type CaseFiles, onlyText } from '../case.ts';

export const dmidecode: Adapters = {
  agent__tools__generic: { dmidecode_tests: structures },
};

/** Type → the values of each structure that has any. */
function structures(files: CaseFiles): Record<string, Record<string, string>[]> {
  const byType: Record<string, Record<string, string>[]> = {};
  for (const { type, values } of parseDmidecode(onlyText(files))) {
    if (values.size > 0) (byType[type] ??= []).push(Object.fromEntries(values));
  }
  return byType;
}
