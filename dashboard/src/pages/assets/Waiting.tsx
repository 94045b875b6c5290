/** What stands where a list of the asset side will be, or why it cannot be read. */
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';

export function Waiting({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Card flush={!error} className="mt-3">
      {error ? <ErrorPanel error={error} retry={retry} /> : <SkeletonRows rows={8} />}
    </Card>
  );
}
