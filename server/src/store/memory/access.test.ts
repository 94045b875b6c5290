import { accessContract } from '../contract/access.ts';
import { createMemoryAccessStore } from './access.ts';

accessContract('memory', (body) => body(createMemoryAccessStore()));
