/** The page of a configuration item, whatever its class. */
import { Link } from '@tanstack/react-router';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';

export function CiLink({ id, name, ciClass }: { id: string; name: string; ciClass: string }) {
  const look = 'min-w-0 truncate text-accent hover:underline';
  return isMachineClass(ciClass) ? (
    <Link to="/machines/$id/live" params={{ id }} className={look}>
      {name}
    </Link>
  ) : (
    <Link to="/cis/$id" params={{ id }} className={look}>
      {name}
    </Link>
  );
}
