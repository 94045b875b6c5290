/** What each role may do, drawn from the table of rights that the server asks too. */
import { useId } from 'react';
import { ROLES, roleHas, type TokenRole } from '@muster/shared/api/rights.ts';
import { useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Term } from '../../ui/Term.tsx';
import { RIGHT_WORDS } from './rightWords.ts';
import { roleWord } from './roleWords.ts';

/** From the least to the most. */
const SHOWN_ROLES = ROLES.toReversed();

export function RolesCard() {
  const t = useT();
  return (
    <Card
      title={<Term id="role">{t('settings.users.rolesTitle')}</Term>}
      note={t('settings.users.rolesNote')}
      className="mt-4"
      flush
    >
      <RolesList />
      <div className="max-tablet:hidden">
        <PlainTable
          label={t('settings.users.rolesTitle')}
          head={[
            { id: 'right', label: t('settings.users.may') },
            ...SHOWN_ROLES.map((role) => ({ id: role, label: t(`states.role.${role}`) })),
          ]}
        >
          {RIGHT_WORDS.map(({ right, word }) => (
            <tr key={right}>
              <th scope="row" className="px-3 py-1.5 pl-4 text-left font-normal">
                {t(word)}
              </th>
              {SHOWN_ROLES.map((role) => (
                <td key={role}>
                  <Mark has={roleHas(role, right)} />
                </td>
              ))}
            </tr>
          ))}
        </PlainTable>
      </div>
    </Card>
  );
}

/** The same on a phone, where five columns have no room. */
function RolesList() {
  const t = useT();
  return (
    <ul className="tablet:hidden">
      {RIGHT_WORDS.map(({ right, word }) => (
        <li key={right} className="border-t border-line px-4 py-2">
          {t(word)}
          <span className="mt-1 flex flex-wrap gap-1.5">
            {SHOWN_ROLES.filter((role) => roleHas(role, right)).map((role) => (
              <span key={role} className="rounded-full bg-sunken px-2 text-12 leading-5 text-text-2">
                {t(`states.role.${role}`)}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Mark({ has }: { has: boolean }) {
  const t = useT();
  return (
    <span className={has ? 'text-up-fg' : 'text-text-3'}>
      <Glyph name={has ? 'tick' : 'dash'} />
      <span className="sr-only">{has ? t('ui.yes') : t('ui.no')}</span>
    </span>
  );
}

/** Choice of a role, each with one sentence; below it what the chosen one may do. */
export function RoleChoice<R extends TokenRole>({
  label,
  roles,
  value,
  onChange,
}: {
  label: string;
  /** From the most to the least. */
  roles: readonly R[];
  value: R;
  onChange: (role: R) => void;
}) {
  const t = useT();
  const may = RIGHT_WORDS.filter(({ right }) => roleHas(value, right));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-12 font-medium">{label}</legend>
      {roles.toReversed().map((role) => (
        <RoleCard key={role} role={role} chosen={role === value} onChoose={() => onChange(role)} />
      ))}
      <p className="mt-1 text-12 text-text-3">{t('settings.users.mayNow', { role: t(roleWord(value)) })}</p>
      <ul className="list-disc pl-5 text-12 text-text-2">
        {may.map(({ right, word }) => (
          <li key={right}>{t(word)}</li>
        ))}
      </ul>
    </fieldset>
  );
}

function RoleCard({ role, chosen, onChoose }: { role: TokenRole; chosen: boolean; onChoose: () => void }) {
  const t = useT();
  const id = useId();
  return (
    <div className="relative flex items-start gap-2.5 rounded-md border border-line px-3 py-2 has-checked:border-accent has-checked:bg-selected">
      <input
        id={id}
        type="radio"
        name="role"
        value={role}
        checked={chosen}
        aria-describedby={`${id}-hint`}
        onChange={onChoose}
        className="relative z-1 mt-0.5 size-4 flex-none accent-accent-solid"
      />
      <div>
        {/* The whole card is its label. */}
        <label htmlFor={id} className="block cursor-pointer font-medium after:absolute after:inset-0">
          {t(roleWord(role))}
        </label>
        <p id={`${id}-hint`} className="text-12 text-text-2">
          {t(`settings.users.roleHint.${role}`)}
        </p>
      </div>
    </div>
  );
}
