/** HTTP operations of capacity. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Routes } from '../http/routes.ts';
import type { Register } from './register.ts';

export function addCapacityRoutes(routes: Routes, { register }: { readonly register: Register }): void {
  routes.add(ENDPOINTS.capacityRegister, async ({ query }, { nowMs }) => register.list(query, nowMs));
  routes.add(ENDPOINTS.capacityTrend, async ({ query }, { nowMs }) => register.trend(query, nowMs));
  routes.add(ENDPOINTS.capacityConsumers, async ({ query }) => register.consumers(query));
}
