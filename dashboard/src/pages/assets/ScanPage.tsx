/** Scans a label with the camera of a phone, a photo, or typed; opens the record, or ticks it in a stock-take. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import type { StocktakeItem } from '@muster/shared/api/assets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { patiently } from '../../util/patiently.ts';
import { scannedNumber } from './labelSheets.ts';
import { stocktakesQuery } from './queries.ts';

const reading = patiently(() => import('./readCode.ts'));

/** The address that a label says: it opens the record at once. */
export function ScannedPage() {
  const { number } = useParams({ from: `/app${'/scan/$number'}` });
  return <Scan given={number} />;
}

export function ScanPage() {
  return <Scan given={null} />;
}

const NO_COUNT = '-';

function Scan({ given }: { given: string | null }) {
  const t = useT();
  usePageTitle(t('assets.scan.title'));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const errorWords = useErrorWords();
  const search: { count?: string | undefined } = useSearch({ strict: false });
  const [count, setCount] = useState(search.count ?? NO_COUNT);
  const [typed, setTyped] = useState('');
  const [ticked, setTicked] = useState<readonly StocktakeItem[]>([]);
  const stocktakes = useQuery(stocktakesQuery).data?.items.filter(({ endedAt }) => endedAt === null) ?? [];
  const find = useMutation({
    mutationFn: async (text: string) => {
      const number = scannedNumber(text);
      if (count !== NO_COUNT) {
        const item = await call(ENDPOINTS.scanStocktake, { params: { id: count }, body: { code: number } });
        return { item, number };
      }
      const holder = await call(ENDPOINTS.findAsset, { query: { number } });
      return { holder, number };
    },
    onSuccess: (found) => {
      setTyped('');
      if ('item' in found && found.item) {
        const { item } = found;
        setTicked((before) => [item, ...before.filter(({ name }) => name !== item.name)]);
        void queries.invalidateQueries({ queryKey: ['stocktakes'] });
      } else if ('holder' in found && found.holder)
        void navigate({ to: '/cis/$id', params: { id: found.holder.id }, replace: given !== null });
    },
  });
  const { mutate } = find;
  useEffect(() => {
    if (given !== null) mutate(given);
  }, [given, mutate]);
  const unknown = find.error instanceof ApiError && find.error.status === 404;
  const number = scannedNumber(find.variables ?? '');
  return (
    <div className="mx-auto max-w-[520px]">
      <h1>{t('assets.scan.title')}</h1>
      <div className="mt-3 grid gap-4">
        {stocktakes.length > 0 && (
          <SelectField
            label={t('assets.scan.into')}
            value={count}
            options={[
              { value: NO_COUNT, label: t('assets.scan.open') },
              ...stocktakes.map(({ id, name }) => ({ value: id, label: t('assets.scan.tick', { name }) })),
            ]}
            onChange={setCount}
          />
        )}
        <Camera onCode={mutate} />
        {find.isPending && <p role="status">{t('ui.loading')}</p>}
        {find.error && (
          <div role="alert" className="rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
            <p>{unknown ? t('assets.scan.unknown', { number }) : errorWords(find.error)}</p>
            {unknown && (
              <Link to="/cis" search={{ new: number }} className={buttonClass('plain', 'small')}>
                {t('assets.scan.create')}
              </Link>
            )}
          </div>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== '') mutate(typed);
          }}
          className="flex items-end gap-2"
        >
          <div className="flex-1">
            <TextField
              label={t('assets.scan.type')}
              value={typed}
              autoCapitalize="characters"
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
          <Button type="submit" look="primary" disabled={typed.trim() === ''}>
            {t('assets.scan.find')}
          </Button>
        </form>
        {ticked.length > 0 && (
          <Card title={t('assets.scan.ticked')} note={ticked.length} flush>
            <ul>
              {ticked.map((item) => (
                <li key={item.name} className="flex gap-3 border-t border-line px-4 py-2">
                  <span className="min-w-0 flex-1 truncate font-medium">{item.name}</span>
                  <span className={item.state === 'unexpected' ? 'text-warn-fg' : 'text-up-fg'}>
                    {t(`assets.count.state.${item.state}`)}
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </div>
  );
}

/** Looked at so often; a phone does not get warm by that. */
const LOOK_MS = 250;
/** The same code in view is taken once in this time. */
const AGAIN_MS = 3_000;

function Camera({ onCode }: { onCode: (text: string) => void }) {
  const t = useT();
  const id = useId();
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [fault, setFault] = useState<'denied' | 'none' | 'photo' | null>(null);
  const take = useRef(onCode);
  useEffect(() => {
    take.current = onCode;
  });
  const possible = window.isSecureContext && navigator.mediaDevices !== undefined;
  useEffect(() => () => stream?.getTracks().forEach((track) => track.stop()), [stream]);
  useEffect(() => {
    const element = video.current;
    if (stream === null || element === null) return;
    element.srcObject = stream;
    void element.play();
    let last = { text: '', atMs: 0 };
    let busy = false;
    const timer = window.setInterval(() => {
      if (busy || element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
      busy = true;
      reading()
        .then(({ readFrame }) => readFrame(element))
        .then((text) => {
          if (text === null || (text === last.text && performance.now() - last.atMs < AGAIN_MS)) return;
          last = { text, atMs: performance.now() };
          take.current(text);
        })
        .catch(() => setFault('none'))
        .finally(() => {
          busy = false;
        });
    }, LOOK_MS);
    return () => window.clearInterval(timer);
  }, [stream]);
  const start = async () => {
    setFault(null);
    try {
      setStream(await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }));
    } catch (error) {
      setFault(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'none');
    }
  };
  const photo = async (file: File | undefined) => {
    if (!file) return;
    setFault(null);
    try {
      const { readPhoto } = await reading();
      const text = await readPhoto(file);
      if (text === null) setFault('photo');
      else take.current(text);
    } catch {
      setFault('photo'); // Said below the picture.
    }
  };
  return (
    <div className="grid gap-3">
      {stream !== null && (
        // What the camera sees has no sound and no words.
        <video
          ref={video}
          muted
          playsInline
          className="aspect-[4/3] w-full rounded-lg bg-black object-cover"
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {possible &&
          (stream === null ? (
            <Button look="primary" onClick={() => void start()}>
              {t('assets.scan.camera')}
            </Button>
          ) : (
            <Button onClick={() => setStream(null)}>{t('assets.scan.stop')}</Button>
          ))}
        <label htmlFor={id} className={buttonClass('plain')}>
          {t('assets.scan.photo')}
        </label>
        <input
          id={id}
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(event) => void photo(event.target.files?.[0])}
          className="sr-only"
        />
      </div>
      {!possible && <p className="text-12 leading-prose text-text-2">{t('assets.scan.insecure')}</p>}
      {fault !== null && (
        <p role="alert" className="text-warn-fg">
          {t(`assets.scan.fault.${fault}`)}
        </p>
      )}
    </div>
  );
}
