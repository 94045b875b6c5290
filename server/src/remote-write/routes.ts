/** HTTP operations of the exchange with Prometheus. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type RemoteWriteTarget, SECRET_KEPT } from '@muster/shared/api/remote-write.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../clock.ts';
import type { Routes } from '../http/routes.ts';
import type { WebDeps } from '../http/web.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import type { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';

const WRITE_PATH = '/api/v1/write';

export interface RemoteWriteRoutesDeps {
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly directory: Pick<CiDirectory, 'get'>;
  /** Address of this server as people reach it; null: not known. */
  readonly serverUrl: string | null;
}

export function addRemoteWriteRoutes(routes: Routes, deps: RemoteWriteRoutesDeps): void {
  const { inbound, outbound, directory, serverUrl } = deps;
  const { mappings } = inbound;

  routes.add(ENDPOINTS.remoteWrite, async ({ body }, { actor, address, nowMs }) => {
    await inbound.take(
      {
        bytes: body.bytes,
        contentType: body.header('content-type'),
        contentEncoding: body.header('content-encoding'),
        version: body.header('x-prometheus-remote-write-version'),
        program: body.header('user-agent'),
        actor: actor.name,
        address,
      },
      nowMs,
    );
    return {};
  });
  routes.add(ENDPOINTS.remoteWriteIn, async (_input, { nowMs }) =>
    inbound.status(serverUrl === null ? null : `${serverUrl}${WRITE_PATH}`, nowMs),
  );
  routes.add(ENDPOINTS.listWriteMappings, async () => ({ items: [...mappings.all()] }));
  routes.add(ENDPOINTS.createWriteMapping, async ({ body }, { nowMs }) => mappings.create(body, nowMs));
  routes.add(ENDPOINTS.updateWriteMapping, async ({ params, body }, { nowMs }) =>
    mappings.update(params.id, body, nowMs),
  );
  routes.add(ENDPOINTS.deleteWriteMapping, async ({ params }) => {
    await mappings.delete(params.id);
    return {};
  });
  routes.add(ENDPOINTS.listForeignSeries, async ({ params, query }) => {
    if (!directory.get(params.id)) throw new AppError('not-found', `There is no machine ${params.id}.`);
    return inbound.seriesOf(params.id, query);
  });

  routes.add(ENDPOINTS.remoteWriteOut, async (_input, { actor, nowMs }) => {
    const { targets, ...status } = outbound.status(nowMs);
    const whole = roleHas(actor.role, 'exchange.write');
    return { ...status, targets: targets.map((target) => (whole ? target : withoutPath(target))) };
  });
  routes.add(ENDPOINTS.createWriteTarget, async ({ body }, { nowMs }) => outbound.create(body, nowMs));
  routes.add(ENDPOINTS.updateWriteTarget, async ({ params, body }) => outbound.update(params.id, body));
  routes.add(ENDPOINTS.deleteWriteTarget, async ({ params }) => {
    await outbound.delete(params.id);
    return {};
  });
  routes.add(ENDPOINTS.testWriteTarget, async ({ params }, { nowMs }) => outbound.test(params.id, nowMs));
}

/** What never reaches the route: requests whose token is not good, or of a role that may not send. */
export function refusalsOfSenders(
  inbound: Pick<Inbound, 'turnedAway'>,
  clock: Clock,
): NonNullable<WebDeps['onRefused']> {
  return (endpoint, { caller, header }, error) => {
    if (endpoint.id !== ENDPOINTS.remoteWrite.id || !(error instanceof AppError)) return;
    const { code } = error;
    if (code !== 'not-signed-in' && code !== 'forbidden') return;
    inbound.turnedAway({ address: caller.address, program: header('user-agent') ?? '' }, code, clock.now());
  };
}

/** An address may hold a key; who may not set it sees where it leads, not the rest. */
function withoutPath(target: RemoteWriteTarget): RemoteWriteTarget {
  return { ...target, url: `${new URL(target.url).origin}/${SECRET_KEPT}` };
}
