/** HTTP operations of the off-site twin. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Routes } from '../http/routes.ts';
import type { Twin } from './twin.ts';

export function addTwinRoutes(routes: Routes, { twin }: { twin: Twin }): void {
  routes.add(ENDPOINTS.getTwin, async (_input, { nowMs }) => twin.state(nowMs));
  routes.add(ENDPOINTS.setTwin, async ({ body }, { nowMs }) => twin.set(body, nowMs));
  routes.add(ENDPOINTS.runTwin, async (_input, { nowMs }) => {
    // It takes minutes: whoever asked looks at its state meanwhile.
    void twin.start(nowMs);
    return twin.state(nowMs);
  });
}
