/** Ties a CI to another: the kind, the other end, and for what it depends on whether others stand in. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { call } from '../api/client.ts';
import { useT, useWords } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { type ChosenCi, CiChooser } from './CiChooser.tsx';
import { useRelationActions, useTieSentence } from './relationActions.ts';
import { otherClasses, relationsQuery, replacedBy, tieTitle, tieWays, type TieWay } from './relations.ts';

const GROUP_LENGTH_MAX = 64;

export function AddRelationDialog({ ci, onClose }: { ci: ChosenCi; onClose: () => void }) {
  const t = useT();
  const words = useWords();
  const errorWords = useErrorWords();
  const sentence = useTieSentence();
  const { added, sentenceOf } = useRelationActions(ci.id);
  const ways = tieWays(ci.class);
  const [at, setAt] = useState('0');
  const [wantedClass, setWantedClass] = useState('');
  const [chosen, setChosen] = useState<readonly ChosenCi[]>([]);
  const [group, setGroup] = useState('');
  const [needed, setNeeded] = useState('1');
  const way = ways[Number(at)];
  const [other] = chosen;
  const ofThis = useQuery(relationsQuery(ci.id));
  const ofOther = useQuery({ ...relationsQuery(other?.id ?? ''), enabled: other !== undefined });
  const edges = [...(ofThis.data?.items ?? []), ...(ofOther.data?.items ?? [])];
  const replaced = way && other ? replacedBy(way, ci.id, other.id, edges) : [];
  const classes = way ? otherClasses(way) : [];
  const ofClass = classes.find((each) => each === wantedClass) ?? classes[0];
  const grouped = way?.type === 'dependsOn' && group.trim() !== '';
  const dependent = way?.end === 'to' ? other?.id : ci.id;
  const mates = grouped
    ? edges.filter(
        ({ type, fromId, group: held }) =>
          type === 'dependsOn' && fromId === dependent && held === group.trim(),
      )
    : [];
  // A group needs one number: that of those already in it.
  const count = mates[0]?.needed ?? Number(needed);
  const neededWrong = grouped && !(Number.isInteger(count) && count >= 1);
  // Until the other end is read, nobody knows what would end.
  const ready = way !== undefined && other !== undefined && ofOther.data !== undefined && !neededWrong;
  const save = useMutation({
    mutationFn: ({ type, end }: TieWay) => {
      const otherId = other?.id ?? '';
      const [fromId, toId] = end === 'from' ? [ci.id, otherId] : [otherId, ci.id];
      const extra = grouped ? { group: group.trim(), needed: count } : {};
      return call(ENDPOINTS.createRelations, { body: { items: [{ type, fromId, toId, ...extra }] } });
    },
    onSuccess: ({ items }) => {
      added(items, replaced);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={t('cmdb.relation.addTitle', { name: ci.name })}>
      {way === undefined ? (
        <p className="leading-prose">{t('cmdb.relation.noWay')}</p>
      ) : (
        <form
          id="add-relation"
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready && !save.isPending) save.mutate(way);
          }}
        >
          <SelectField
            label={t('cmdb.relation.type')}
            value={at}
            options={ways.map(({ type, end }, index) => ({
              value: String(index),
              label: t('cmdb.relation.open', { name: ci.name, tie: words(tieTitle(type, end)) }),
            }))}
            onChange={(next) => {
              setAt(next);
              setChosen([]);
            }}
          />
          {classes.length > 1 && (
            <SelectField
              label={t('cmdb.relation.otherClass')}
              value={ofClass ?? ''}
              options={classes.map((value) => ({ value, label: words(CI_CLASSES[value].title) }))}
              onChange={(next) => {
                setWantedClass(next);
                setChosen([]);
              }}
            />
          )}
          <CiChooser
            label={ofClass ? words(CI_CLASSES[ofClass].title) : t('cmdb.relation.other')}
            chosen={chosen}
            max={1}
            without={ci.id}
            onChange={setChosen}
            {...(ofClass ? { ofClass } : {})}
          />
          {way.type === 'dependsOn' && (
            <div className="grid gap-3 tablet:grid-cols-2">
              <TextField
                label={t('cmdb.relation.group')}
                help={t('cmdb.relation.groupHelp')}
                value={group}
                maxLength={GROUP_LENGTH_MAX}
                onChange={(event) => setGroup(event.target.value)}
              />
              {grouped && (
                <TextField
                  label={t('cmdb.relation.needed')}
                  help={mates.length > 0 ? t('cmdb.relation.neededHeld', { count: mates.length }) : undefined}
                  error={neededWrong ? t('cmdb.relation.neededWrong') : undefined}
                  inputMode="numeric"
                  value={mates.length > 0 ? String(count) : needed}
                  disabled={mates.length > 0}
                  onChange={(event) => setNeeded(event.target.value.trim())}
                />
              )}
            </div>
          )}
          {other && (
            <p className="leading-prose font-medium">
              {sentence({ type: way.type, end: way.end, name: ci.name, other: other.name })}
            </p>
          )}
          {replaced.length > 0 && (
            <div role="status" className="leading-prose text-warn-fg">
              <p>{t('cmdb.relation.replaces')}</p>
              <ul>
                {replaced.map((edge) => (
                  <li key={edge.id}>
                    {edge.fromId === ci.id || edge.toId === ci.id
                      ? sentenceOf(edge)
                      : sentence({
                          type: edge.type,
                          end: way.end === 'from' ? 'to' : 'from',
                          name: way.end === 'from' ? edge.toName : edge.fromName,
                          other: way.end === 'from' ? edge.fromName : edge.toName,
                        })}
                  </li>
                ))}
              </ul>
            </div>
          )}
          {(save.error ?? ofOther.error) && (
            <p role="alert" className="font-medium text-crit-fg">
              {errorWords(save.error ?? ofOther.error)} {save.error?.message}
            </p>
          )}
        </form>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        {way !== undefined && (
          <Button look="primary" type="submit" form="add-relation" disabled={!ready || save.isPending}>
            {t('cmdb.relation.add')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
