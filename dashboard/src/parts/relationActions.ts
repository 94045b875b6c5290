/** Saying and ending relations of one CI: each with a sentence and a way back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Relation } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { useT, useWords } from '../i18n/i18n.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';
import { tieTitle, type TieWay, wishOf } from './relations.ts';

/** What shows relations or follows from them. */
const TOUCHED = [['ci'], ['cis'], ['assets'], ['services'], ['map']] as const;

/** `srv-01 is used by Chen Jie`, read from the end that is looked at. */
export function useTieSentence(): (tie: {
  readonly type: string;
  readonly end: TieWay['end'];
  readonly name: string;
  readonly other: string;
}) => string {
  const t = useT();
  const words = useWords();
  return ({ type, end, name, other }) =>
    t('cmdb.relation.sentence', { name, tie: words(tieTitle(type, end)), other });
}

export function useRelationActions(ciId: string) {
  const t = useT();
  const sentence = useTieSentence();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const refresh = () => {
    for (const queryKey of TOUCHED) void queries.invalidateQueries({ queryKey });
  };
  const sentenceOf = (edge: Relation) =>
    edge.fromId === ciId
      ? sentence({ type: edge.type, end: 'from', name: edge.fromName, other: edge.toName })
      : sentence({ type: edge.type, end: 'to', name: edge.toName, other: edge.fromName });
  const back = async (undo: () => Promise<unknown>) => {
    try {
      await undo();
      say(t('cmdb.relation.undone'));
    } catch (error) {
      say(errorWords(error));
    }
    refresh();
  };
  const tellAgain = (edges: readonly Relation[]) =>
    call(ENDPOINTS.createRelations, { body: { items: edges.map(wishOf) } });

  const end = useMutation({
    mutationFn: (edge: Relation) => call(ENDPOINTS.endRelation, { params: { id: edge.id } }),
    onSuccess: (_none, edge) => {
      refresh();
      const key = edge.source === 'human' ? 'cmdb.relation.endedSaid' : 'cmdb.relation.endedFound';
      say(t(key, { sentence: sentenceOf(edge) }), {
        label: t('ui.undo'),
        onPress: () => void back(() => tellAgain([edge])),
      });
    },
    onError: (error, edge) =>
      say(`${t('cmdb.relation.notEnded', { sentence: sentenceOf(edge) })} ${errorWords(error)}`),
  });

  /** Says what was added; the way back brings what it replaced. */
  function added(edges: readonly Relation[], replaced: readonly Relation[]): void {
    refresh();
    const [edge] = edges;
    if (!edge) {
      say(t('cmdb.relation.already'));
      return;
    }
    say(t('cmdb.relation.added', { sentence: sentenceOf(edge) }), {
      label: t('ui.undo'),
      onPress: () =>
        void back(() =>
          // Where only one may be, the one before takes its place again.
          replaced.length > 0
            ? tellAgain(replaced)
            : call(ENDPOINTS.endRelation, { params: { id: edge.id } }),
        ),
    });
  }
  return { end, added, sentenceOf };
}
