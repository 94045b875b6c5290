/** Compresses answers of the API that are worth it; off the event loop. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What fits into a few packets gains nothing. */
export const COMPRESSED_BYTES_MIN = 4 << 10;
/** Lists repeat themselves: the lowest level already takes nine tenths away, at a third of the time of the default. */
export const GZIP_LEVEL = 1;
const compress = promisify(gzip);

/** The answer itself where it is small, compressed already, or the caller takes no gzip. */
export async function compressed(request: Request, response: Response): Promise<Response> {
  if (response.body === null || response.headers.has('content-encoding')) return response;
  if (!/^application\/(?:problem\+)?json/.test(response.headers.get('content-type') ?? '')) return response;
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.append('vary', 'accept-encoding');
  const { status } = response;
  if (body.length < COMPRESSED_BYTES_MIN || !/\bgzip\b/.test(request.headers.get('accept-encoding') ?? ''))
    return new Response(body, { status, headers });
  headers.set('content-encoding', 'gzip');
  headers.delete('content-length');
  return new Response(new Uint8Array(await compress(body, { level: GZIP_LEVEL })), { status, headers });
}
