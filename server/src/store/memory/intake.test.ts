import { intakeStoreContract } from '../contract/intake.ts';
import { createMemoryIntakeStore } from './intake.ts';

intakeStoreContract('memory', async () => ({ store: createMemoryIntakeStore(), close: async () => {} }));
