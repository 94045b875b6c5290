/** Reads a request body within a limit. */
import { AppError } from '../errors.ts';

/** The largest honest body is a rule with its explanations in two languages, some 10 KiB. */
export const BODY_BYTES_MAX = 256 << 10;

/** The parsed body; {} when there is none. @throws AppError body-too-large, input-invalid */
export async function readJson(request: Request, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  const text = await readText(request, bytesMax);
  if (text === '') return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new AppError(
      'input-invalid',
      `The body must be application/json, this is ${type || 'of no type'}.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('input-invalid', 'The body is not JSON.', { cause });
  }
}

/** The body as it came. @throws AppError body-too-large */
export async function readBytes(request: Request, bytesMax = BODY_BYTES_MAX): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readText(request: Request, bytesMax: number): Promise<string> {
  const bytes = await readBytes(request, bytesMax);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('input-invalid', 'The body is not UTF-8.', { cause });
  }
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('body-too-large', `A body may have ${bytesMax} bytes.`);
}
