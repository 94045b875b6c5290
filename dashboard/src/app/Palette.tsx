/** One box over machines, incidents and pages: type, arrows, Enter. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog as Base } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { openIncidentsQuery } from '../api/queries.ts';
import { useT, useWords } from '../i18n/i18n.ts';
import { classIcon, Icon, type IconName } from '../ui/Icon.tsx';
import { useNavigation } from './navigation.ts';

/** Machines shown for one question. */
const MACHINES_MAX = 8;
const INCIDENTS_MAX = 5;

interface Hit {
  readonly id: string;
  readonly group: string;
  readonly icon: IconName;
  readonly label: string;
  readonly note: string;
  readonly go: () => void;
}

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fade-in fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          aria-label={t('shell.searchTitle')}
          className="fade-in fixed top-[12vh] left-1/2 z-40 w-[min(560px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-3"
        >
          {open && <PaletteBody onClose={onClose} />}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [text, setText] = useState('');
  const hits = useHits(useDeferredValue(text.trim()), onClose);
  return (
    <Autocomplete.Root
      inline
      open
      items={hits}
      filter={null}
      value={text}
      onValueChange={setText}
      autoHighlight="always"
      itemToStringValue={(hit: Hit) => hit.label}
    >
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Icon name="search" className="text-text-3" />
        <Autocomplete.Input
          aria-label={t('shell.search')}
          placeholder={t('shell.search')}
          className="h-12 min-w-0 flex-1 bg-transparent text-14 outline-none placeholder:text-text-3 max-tablet:text-16"
        />
      </div>
      <Autocomplete.Empty className="text-text-2">
        {hits.length === 0 && <p className="px-4 py-6 text-center">{t('shell.searchNothing', { text })}</p>}
      </Autocomplete.Empty>
      <Autocomplete.List className="max-h-[50vh] overflow-y-auto p-1 empty:hidden">
        {(hit: Hit, index: number) => (
          <Autocomplete.Item
            key={hit.id}
            value={hit}
            onClick={hit.go}
            className="flex min-h-9 items-center gap-2.5 rounded-md px-2.5 outline-none data-highlighted:bg-selected coarse:min-h-11"
          >
            <Icon name={hit.icon} className="text-text-3" />
            <span className="min-w-0 flex-1 truncate">
              {hit.label}
              <span className="ml-2 text-12 text-text-3">{hit.note}</span>
            </span>
            {hits[index - 1]?.group !== hit.group && <span className="text-11 text-text-3">{hit.group}</span>}
          </Autocomplete.Item>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}

function useHits(text: string, onClose: () => void): Hit[] {
  const t = useT();
  const words = useWords();
  const navigate = useNavigate();
  const navigation = useNavigation();
  const incidents = useQuery(openIncidentsQuery).data ?? [];
  const machines = useQuery({
    queryKey: ['search', text],
    enabled: text !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      call(
        ENDPOINTS.listCis,
        { query: { q: text, limit: MACHINES_MAX, fields: 'serial,lastUser,osName' } },
        signal,
      ),
  });
  const matches = (value: string) => value.toLowerCase().includes(text.toLowerCase());
  const leave = (go: () => unknown) => () => {
    onClose();
    void go();
  };
  return [
    ...(text === '' ? [] : (machines.data?.items ?? [])).map((ci) => ({
      id: ci.id,
      group: t('shell.nav.machines'),
      icon: classIcon(ci.class),
      label: ci.name,
      note: [ci.attributes?.['lastUser'], ci.attributes?.['osName'], ci.site]
        .filter((each) => typeof each === 'string')
        .join(' · '),
      go: leave(() => navigate({ to: '/machines/$id/live', params: { id: ci.id } })),
    })),
    ...incidents
      .filter((incident) => matches(`${incident.ref} ${words(incident.title)} ${incident.ci?.name ?? ''}`))
      .slice(0, INCIDENTS_MAX)
      .map((incident) => ({
        id: incident.id,
        group: t('shell.nav.incidents'),
        icon: 'alert' as const,
        label: words(incident.title),
        note: incident.ref,
        go: leave(() => navigate({ to: '/incidents/$ref', params: { ref: incident.ref } })),
      })),
    ...[
      ...navigation.items.map((item) => ({ to: item.to, label: t(item.word), icon: item.icon })),
      { to: '/machines/new', label: t('fleet.add.title'), icon: 'plus' as const },
      { to: '/account', label: t('access.account'), icon: 'user' as const },
    ]
      .filter((page) => matches(page.label))
      .map((page) => ({
        id: page.to,
        group: t('shell.pages'),
        icon: page.icon,
        label: page.label,
        note: '',
        go: leave(() => navigate({ to: page.to })),
      })),
  ];
}
