/** One service: what it stands on and with how much to spare, what would take it, and who depends on it. */
import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ServiceDetail, ServiceMember } from '@muster/shared/api/relations.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { say } from '../../ui/Toast.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { bodyOf, draftOf, type Draft } from './draft.ts';
import { SERVICE_LOOKS } from './looks.ts';
import { MemberEditor } from './MemberEditor.tsx';
import { serviceQuery, whatIfQuery } from './queries.ts';
import { Spare } from './Spare.tsx';

export function ServicePage() {
  const { id } = useParams({ from: `/app${'/services/$id'}` });
  const service = useQuery(serviceQuery(id));
  usePageTitle(service.data?.name);
  if (service.data === undefined)
    return (
      <Card>
        {service.error ? (
          <ErrorPanel error={service.error} retry={() => void service.refetch()} />
        ) : (
          <Skeleton className="h-40" />
        )}
      </Card>
    );
  return <Body key={id} service={service.data} />;
}

function Body({ service }: { service: ServiceDetail }) {
  const t = useT();
  const words = useWords();
  const refusal = useRefusal('cis.write');
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [failing, setFailing] = useState<readonly string[]>([]);
  const save = useMutation({
    mutationFn: (next: Draft) =>
      call(ENDPOINTS.setServiceMembers, { params: { id: service.id }, body: bodyOf(next) }),
    onSuccess: (answer) => {
      queries.setQueryData(serviceQuery(service.id).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ['services'] });
      void queries.invalidateQueries({ queryKey: ['map'] });
      setDraft(null);
      say(t('map.service.saved', { name: service.name }));
    },
  });
  return (
    <>
      <PrintHeader
        title={service.name}
        purpose={t('map.services.purpose')}
        source={t('map.services.source')}
      />
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 break-words">{service.name}</h1>
        <StatusBadge look={SERVICE_LOOKS[service.state]} kind="badge" />
        <span className="ml-auto flex flex-wrap gap-2">
          <Link to="/map" search={{ service: service.id }} className={buttonClass()}>
            {t('map.onMap')}
          </Link>
          <Link to="/cis/$id" params={{ id: service.id }} className={buttonClass()}>
            {t('map.service.record')}
          </Link>
        </span>
      </header>
      <p className="mt-1 flex flex-wrap gap-x-4 text-12 text-text-3">
        <span>{words(CI_CLASSES[service.class].title)}</span>
        <span>{t('map.service.ownerIs', { name: service.owner ?? ABSENT })}</span>
        <span>{t('map.service.criticalityIs', { level: service.criticality })}</span>
        <span>{t('map.service.usersAre', { count: service.users ?? ABSENT })}</span>
        <span>
          {t('map.services.spare')}
          {t('ui.colon')}
          <Spare spare={service.spare} />
        </span>
      </p>
      {service.because.length > 0 && (
        <p className="mt-2 font-medium text-crit-fg">
          {t('map.service.because', { list: service.because.join(t('ui.listSeparator')) })}
        </p>
      )}
      <div className="mt-4 grid items-start gap-3">
        {draft === null ? (
          <Card
            title={t('map.service.members')}
            note={service.membersList.length}
            action={
              <Button
                size="small"
                icon="pencil"
                disabled={refusal !== undefined}
                disabledReason={refusal}
                onClick={() => setDraft(draftOf(service.membersList))}
              >
                {t('map.service.edit')}
              </Button>
            }
            flush
          >
            <Members service={service} failing={failing} onFailing={setFailing} />
          </Card>
        ) : (
          <MemberEditor
            draft={draft}
            onChange={setDraft}
            onCancel={() => setDraft(null)}
            onSave={() => save.mutate(draft)}
            busy={save.isPending}
            error={save.error}
            serviceId={service.id}
          />
        )}
        {failing.length > 0 && <WhatIf service={service} failing={failing} />}
        <Supports service={service} />
        {service.carries.length > 0 && (
          <Card title={t('map.service.carries')} note={service.carries.length}>
            <ul className="flex flex-wrap gap-x-4 gap-y-1">
              {service.carries.map((each) => (
                <li key={each.relationId}>
                  <Link to="/cis/$id" params={{ id: each.id }} className="font-medium hover:text-accent">
                    {each.name}
                  </Link>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  );
}

function Members({
  service,
  failing,
  onFailing,
}: {
  service: ServiceDetail;
  failing: readonly string[];
  onFailing: (ids: readonly string[]) => void;
}) {
  const t = useT();
  const words = useWords();
  if (service.membersList.length === 0) return <EmptyState>{t('map.service.noMembers')}</EmptyState>;
  const groupWord = ({ group }: ServiceMember) => {
    if (group === null) return t('map.service.alone');
    const of = service.redundancy.find((each) => each.group === group);
    return of
      ? t('map.service.groupIs', { name: group, left: of.left, of: of.of, needed: of.needed })
      : group;
  };
  return (
    <PlainTable
      label={t('map.service.members')}
      head={[
        { id: 'name', label: t('map.column.name') },
        { id: 'group', label: t('map.service.group') },
        { id: 'class', label: t('map.column.class'), className: 'max-tablet:hidden' },
        { id: 'state', label: t('map.column.state') },
        { id: 'incidents', label: t('map.services.incidents'), className: 'max-tablet:hidden' },
        { id: 'if', label: t('map.whatIf') },
      ]}
    >
      {service.membersList.map((member) => (
        <tr key={member.relationId}>
          <td>
            <Link
              to="/cis/$id"
              params={{ id: member.id }}
              className="font-medium break-all hover:text-accent"
            >
              {member.name}
            </Link>
          </td>
          <td className="text-12 text-text-2">{groupWord(member)}</td>
          <td className="text-text-2 max-tablet:hidden">
            {isCiClass(member.class) ? words(CI_CLASSES[member.class].title) : member.class}
          </td>
          <td>{member.state === null ? ABSENT : <StatusBadge look={PRESENCE_LOOKS[member.state]} />}</td>
          <td className="max-tablet:hidden">
            {member.openIncidents > 0 ? (
              <Link
                to="/machines/$id/incidents"
                params={{ id: member.id }}
                className="font-medium text-accent hover:underline"
              >
                {member.openIncidents}
              </Link>
            ) : (
              ABSENT
            )}
          </td>
          <td>
            <Switch
              label={t('map.service.ifFails', { name: member.name })}
              checked={failing.includes(member.id)}
              onChange={(on) =>
                onFailing(on ? [...failing, member.id] : failing.filter((id) => id !== member.id))
              }
            >
              {t(failing.includes(member.id) ? 'map.service.yes' : 'map.service.no')}
            </Switch>
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function WhatIf({ service, failing }: { service: ServiceDetail; failing: readonly string[] }) {
  const t = useT();
  const impact = useQuery(whatIfQuery(failing));
  const names = service.membersList.filter(({ id }) => failing.includes(id)).map(({ name }) => name);
  if (impact.data === undefined)
    return <Card>{impact.error ? <ErrorPanel error={impact.error} /> : <Skeleton className="h-10" />}</Card>;
  const own = impact.data.items.find(({ id }) => id === service.id);
  const others = impact.data.items.filter(({ id }) => id !== service.id);
  const list = [...new Set(names)].join(t('ui.listSeparator'));
  return (
    <Card title={t('map.service.ifTitle', { list })}>
      <p role="status" className="font-medium">
        {t(
          own === undefined
            ? 'map.service.ifHolds'
            : own.state === 'lost'
              ? 'map.service.ifLost'
              : 'map.service.ifDegraded',
          { name: service.name },
        )}
      </p>
      {own?.redundancy.map((of) => (
        <p key={of.group} className="text-12 text-text-2">
          {t('map.service.groupIs', { name: of.group, left: of.left, of: of.of, needed: of.needed })}
        </p>
      ))}
      <ul className="mt-2 grid gap-1 text-12">
        {others.map((item) => (
          <li key={item.id}>
            <span className="font-medium">{item.name}</span> {t(`map.impact.${item.state}`)}{' '}
            <span className="text-text-3">{item.path.join(' → ')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Supports({ service }: { service: ServiceDetail }) {
  const t = useT();
  const alone = service.supports.filter((each) => each.alone === true);
  if (service.supports.length === 0) return null;
  return (
    <Card title={t('map.service.supports')} note={service.supports.length} flush>
      <p className="px-4 pb-2 text-text-2">
        {alone.length === 0
          ? t('map.service.noSingle')
          : t('map.service.single', {
              list: alone
                .slice(0, 8)
                .map(({ name }) => name)
                .join(t('ui.listSeparator')),
              count: alone.length,
            })}
      </p>
      <PlainTable
        label={t('map.service.supports')}
        head={[
          { id: 'name', label: t('map.column.name') },
          { id: 'alone', label: t('map.service.takesItDown') },
          { id: 'path', label: t('map.service.way'), className: 'max-tablet:hidden' },
        ]}
      >
        {service.supports.map((each) => (
          <tr key={each.id}>
            <td>
              <Link
                to="/cis/$id"
                params={{ id: each.id }}
                className="font-medium break-all hover:text-accent"
              >
                {each.name}
              </Link>
            </td>
            <td>{each.alone === null ? ABSENT : t(each.alone ? 'map.service.yes' : 'map.service.no')}</td>
            <td className="text-12 text-text-3 max-tablet:hidden">{each.path.join(' → ')}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}
