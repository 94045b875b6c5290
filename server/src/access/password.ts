/** Hashes and checks passwords with argon2id (RFC 9106). */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** What a guess costs whoever has the hash. */
export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
}

/** The first choice of OWASP's password storage guidance: 19 MiB, 2 passes, 1 lane; about 25 ms of one core. */
export const PASSWORD_COST: PasswordCost = { memoryKiB: 19_456, passes: 2 };
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Hashes computed at a time: bounds memory and leaves a core to the rest. */
export const PASSWORD_HASHES_CONCURRENT_MAX = 2;

const derive = promisify(argon2);

interface Parts {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. A lower `cost` is for tests alone; a hash is checked at its own. */
export async function hashPassword(password: string, cost: PasswordCost = PASSWORD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await compute(password, {
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: LANES,
    salt,
    tag: Buffer.alloc(TAG_BYTES),
  });
  return phc(cost, salt, tag);
}

/** Compares in constant time. Throws on a hash that is not ours. */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const parts = parseHash(hash);
  return timingSafeEqual(await compute(password, parts), parts.tag);
}

/** A hash that no password has, to spend the same time on unknown names. */
export const UNKNOWN_USER_HASH = phc(PASSWORD_COST, Buffer.alloc(SALT_BYTES, 1), Buffer.alloc(TAG_BYTES));

function phc({ memoryKiB, passes }: PasswordCost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${LANES}$${base64(salt)}$${base64(tag)}`;
}

function parseHash(hash: string): Parts {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash);
  if (match === null) throw new Error('a stored password hash is not argon2id');
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

async function compute(password: string, parts: Parts): Promise<Buffer> {
  await acquire();
  try {
    return await derive('argon2id', {
      message: Buffer.from(password.normalize('NFKC')),
      nonce: parts.salt,
      memory: parts.memory,
      passes: parts.passes,
      parallelism: parts.parallelism,
      tagLength: parts.tag.length,
    });
  } finally {
    release();
  }
}

let running = 0;
const waiting: (() => void)[] = [];

async function acquire(): Promise<void> {
  if (running < PASSWORD_HASHES_CONCURRENT_MAX) {
    running += 1;
    return;
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

/** Hands its place on, so `running` does not change while others wait. */
function release(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
