/** What the address of the exchange page holds. */
import { z } from 'zod';
import { searchChoice } from '../../util/search.ts';

export const ExchangeSearch = z.object({ show: searchChoice(['out']) });
export type ExchangeSearch = z.infer<typeof ExchangeSearch>;
