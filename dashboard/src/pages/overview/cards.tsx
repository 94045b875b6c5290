/** What fills up, and how available the fleet was: the first rows of the pages that have them all. */
import { Link } from '@tanstack/react-router';
import { useT } from '../../i18n/i18n.ts';
import { AvailabilityRows } from '../../parts/AvailabilityRows.tsx';
import { CapacityRows } from '../../parts/CapacityRows.tsx';
import { Card } from '../../ui/Card.tsx';
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

export function AvailabilityCard({ site, bySite }: { site: string | undefined; bySite: boolean }) {
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
      <AvailabilityRows groupBy={bySite ? 'site' : 'class'} site={site} />
    </Card>
  );
}
