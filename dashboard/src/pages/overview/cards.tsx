/** What fills up, and how available the fleet was: the first rows of the pages that have them all. */
import { Link } from '@tanstack/react-router';
import { useT } from '../../i18n/i18n.ts';
import { AvailabilityRows } from '../../parts/AvailabilityRows.tsx';
import { CapacityRows } from '../../parts/CapacityRows.tsx';
import { Card } from '../../ui/Card.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Term } from '../../ui/Term.tsx';

const CAPACITY_SHOWN = 6;

export function CapacityCard({ site }: { site: string | undefined }) {
  const t = useT();
  return (
    <Card
      title={<Term id="daysToThreshold">{t('overview.capacity')}</Term>}
      action={
        <Link to="/capacity" search={{ site }} className="text-accent hover:underline">
          {t('overview.register')}
        </Link>
      }
      className="@container"
    >
      <CapacityRows limit={CAPACITY_SHOWN} site={site} />
    </Card>
  );
}

/** `sites`: how many there are; undefined while that is not known, and so neither what the rows are. */
export function AvailabilityCard({ site, sites }: { site: string | undefined; sites: number | undefined }) {
  const t = useT();
  return (
    <Card
      title={<Term id="availability">{t('overview.availability')}</Term>}
      note={t('overview.availabilityNote')}
      action={
        <Link to="/availability" search={{ site }} className="text-accent hover:underline">
          {t('overview.report')}
        </Link>
      }
      className="@container"
    >
      {sites === undefined ? (
        <Skeleton className="h-52" />
      ) : (
        <AvailabilityRows groupBy={sites > 1 && site === undefined ? 'site' : 'class'} site={site} />
      )}
    </Card>
  );
}
