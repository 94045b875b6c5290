/** Serves the built dashboard: hashed assets for ever, everything else fresh, unknown pages as index.html. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
};
/** Smaller bodies do not gain from compression. */
const COMPRESS_BYTES_MIN = 1_024;
const YEAR_SECONDS = 365 * 86_400;
const BROTLI_QUALITY = 6;

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Muster</title>
<h1>The dashboard is not built</h1><p>The server runs and its API is at <code>/api/v1</code>.
Build the dashboard with <code>npm run build</code>, or start with <code>npm start</code>, which does it.</p>
<p lang="zh">仪表板尚未构建。请运行 <code>npm run build</code>，或使用 <code>npm start</code> 启动。</p></html>`;

interface Cached {
  readonly etag: string;
  readonly body: Buffer;
  readonly encoded: Map<string, Buffer>;
}

/** Answers GET and HEAD below `root`; null for other methods. Files may be rebuilt while the server runs. */
export function createStaticFiles(root: string): (request: Request) => Promise<Response | null> {
  const cache = new Map<string, Cached>();
  const base = resolve(root);

  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null;
    const wanted = fileFor(base, new URL(request.url).pathname);
    const asset = wanted?.startsWith(join(base, 'assets') + sep) ?? false;
    const found = wanted === null ? null : await load(cache, wanted);
    if (found !== null && wanted !== null) return respond(request, wanted, found, asset);
    // A missing asset is an error; any other path is a page of the dashboard.
    if (asset || (wanted !== null && isNamedFile(wanted))) {
      return new Response('Not found\n', { status: 404, headers: { 'content-type': 'text/plain' } });
    }
    const index = join(base, 'index.html');
    const page = await load(cache, index);
    if (page !== null) return respond(request, index, page, false);
    return new Response(NOT_BUILT, {
      status: 503,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    });
  };
}

/** null for what cannot be a file name or points out of `base`. */
function fileFor(base: string, pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    // Not UTF-8: no file of ours is called so.
    return null;
  }
  if (path.includes('\0')) return null;
  const file = join(base, path.endsWith('/') ? `${path}index.html` : path);
  return file.startsWith(base + sep) ? file : null;
}

async function load(cache: Map<string, Cached>, file: string): Promise<Cached | null> {
  const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return null;
    throw error;
  });
  if (facts === null || !facts.isFile()) return null;
  const etag = `"${facts.mtimeMs.toString(36)}-${facts.size.toString(36)}"`;
  const known = cache.get(file);
  if (known?.etag === etag) return known;
  const fresh = { etag, body: await readFile(file), encoded: new Map<string, Buffer>() };
  cache.set(file, fresh);
  return fresh;
}

async function respond(request: Request, file: string, found: Cached, immutable: boolean): Promise<Response> {
  const type = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream';
  const encoding = encodingFor(request, type, found.body);
  const headers = {
    'content-type': type,
    etag: found.etag,
    vary: 'accept-encoding',
    'cache-control': immutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
  };
  if (request.headers.get('if-none-match') === found.etag)
    return new Response(null, { status: 304, headers });
  const body = encoding === null ? found.body : await encode(found, encoding);
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(body), {
    headers: {
      ...headers,
      'content-length': String(body.byteLength),
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    },
  });
}

const brotli = promisify(brotliCompress);
const ENCODERS = {
  // The highest quality takes a second for half a megabyte, and the first reader waits for it.
  br: (body: Buffer) => brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify(gzip),
};

function encodingFor(request: Request, type: string, body: Buffer): 'br' | 'gzip' | null {
  if (body.byteLength < COMPRESS_BYTES_MIN || !/^text\/|json|svg/.test(type)) return null;
  const accepted = request.headers.get('accept-encoding') ?? '';
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : null;
}

/** Compressed once per file and kept. */
async function encode(found: Cached, encoding: 'br' | 'gzip'): Promise<Buffer> {
  const known = found.encoded.get(encoding);
  if (known !== undefined) return known;
  const body = await ENCODERS[encoding](found.body);
  found.encoded.set(encoding, body);
  return body;
}

/** `/favicon.ico`, unlike `/machines/10.0.0.1`. */
function isNamedFile(file: string): boolean {
  const extension = extname(file);
  return extension !== '.html' && extension in CONTENT_TYPES;
}
