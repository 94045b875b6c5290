/** Labels to print: a square code that opens the record, a bar code of the asset number, and what a person reads. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { attributeOf } from '../../parts/attributes.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { patiently } from '../../util/patiently.ts';
import { LABEL_SHEETS, type LabelSheet, labelPlaces, scanAddress } from './labelSheets.ts';
import { labelCisQuery } from './queries.ts';

const SHEET_DEFAULT = 'l7160';
const LABELS_MAX = 500;
const LINES = ['name', 'model', 'serial', 'owner', 'site'] as const;
type Line = (typeof LINES)[number];

export function LabelsPage() {
  const t = useT();
  usePageTitle(t('assets.labels.title'));
  const { ids: text = '', sheet: sheetName = SHEET_DEFAULT } = useSearch({ from: `/app${'/labels'}` });
  const navigate = useNavigate({ from: '/labels' });
  const [start, setStart] = useState('1');
  const [barcode, setBarcode] = useState(true);
  const [lines, setLines] = useState<readonly Line[]>(['name', 'model']);
  const ids = [...new Set(text.split(',').filter((id) => id !== ''))].slice(0, LABELS_MAX);
  const cis = useQuery({ ...labelCisQuery(ids), enabled: ids.length > 0 });
  const sheet = LABEL_SHEETS[sheetName] ?? LABEL_SHEETS[SHEET_DEFAULT];
  if (sheet === undefined) return null;
  const labelled = (cis.data ?? []).filter(({ assetNumber }) => assetNumber !== null);
  const without = (cis.data ?? []).filter(({ assetNumber }) => assetNumber === null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 print:hidden">
        <h1 className="mr-auto">{t('assets.labels.title')}</h1>
        <Button look="primary" disabled={labelled.length === 0} onClick={() => window.print()}>
          {t('assets.labels.print', { count: labelled.length })}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2 print:hidden">{t('assets.labels.intro')}</p>
      {ids.length === 0 ? (
        <Card className="mt-4">
          <EmptyState
            action={
              <Link to="/assets" className={buttonClass()}>
                {t('shell.nav.assets')}
              </Link>
            }
          >
            {t('assets.labels.nothing')}
          </EmptyState>
        </Card>
      ) : (
        <div className="mt-4 grid items-start gap-4 desk:grid-cols-[300px_minmax(0,1fr)] print:block">
          <Card className="no-print" title={t('assets.labels.setUp')}>
            <div className="grid gap-3">
              <SelectField
                label={t('assets.labels.sheet')}
                value={sheetName}
                options={Object.entries(LABEL_SHEETS).map(([value, { title }]) => ({ value, label: title }))}
                onChange={(value) =>
                  void navigate({ search: (before) => ({ ...before, sheet: value }), replace: true })
                }
              />
              {sheet.columns * sheet.rows > 1 && (
                <TextField
                  label={t('assets.labels.start')}
                  help={t('assets.labels.startHelp', { count: sheet.columns * sheet.rows })}
                  type="number"
                  min={1}
                  max={sheet.columns * sheet.rows}
                  value={start}
                  onChange={(event) => setStart(event.target.value)}
                />
              )}
              <fieldset className="grid gap-1">
                <legend className="mb-1 text-12 font-medium">{t('assets.labels.lines')}</legend>
                {LINES.map((line) => (
                  <CheckField
                    key={line}
                    label={t(`assets.labels.line.${line}`)}
                    checked={lines.includes(line)}
                    onChange={() =>
                      setLines(
                        lines.includes(line)
                          ? lines.filter((each) => each !== line)
                          : LINES.filter((each) => each === line || lines.includes(each)),
                      )
                    }
                  />
                ))}
                <CheckField
                  label={t('assets.labels.barcode')}
                  checked={barcode}
                  onChange={(event) => setBarcode(event.target.checked)}
                />
              </fieldset>
              <p className="text-12 leading-prose text-text-3">{t('assets.labels.scale')}</p>
            </div>
          </Card>
          <div className="min-w-0">
            {cis.data === undefined ? (
              <Card flush={cis.error === null}>
                {cis.error ? (
                  <ErrorPanel error={cis.error} retry={() => void cis.refetch()} />
                ) : (
                  <SkeletonRows rows={6} />
                )}
              </Card>
            ) : (
              <>
                {without.length > 0 && (
                  <p role="status" className="no-print mb-3 rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
                    {t('assets.labels.without', {
                      names: without.map(({ name }) => name).join(t('ui.listSeparator')),
                    })}
                  </p>
                )}
                <Sheets
                  cis={labelled}
                  sheet={sheet}
                  start={Number(start) || 1}
                  lines={lines}
                  barcode={barcode}
                />
              </>
            )}
          </div>
        </div>
      )}
    </>
  );
}

interface SheetsProps {
  readonly cis: readonly CiDetail[];
  readonly sheet: LabelSheet;
  readonly start: number;
  readonly lines: readonly Line[];
  readonly barcode: boolean;
}

function Sheets({ cis, sheet, start, lines, barcode }: SheetsProps) {
  const t = useT();
  const places = labelPlaces(sheet, cis.length, start);
  const pages = Math.max(0, ...places.map(({ page }) => page + 1));
  usePaper(sheet);
  return (
    <div
      role="region"
      aria-label={t('assets.labels.preview')}
      tabIndex={0}
      className="label-sheets overflow-x-auto"
    >
      {Array.from({ length: pages }, (_, page) => (
        <Box
          key={page}
          at={{ width: sheet.pageWidthMm, height: sheet.pageHeightMm }}
          className="label-sheet relative mb-4 border border-line bg-[#fff] text-[#000] print:mb-0 print:border-0"
        >
          {places.map((place, i) => {
            const ci = cis[i];
            return place.page !== page || ci === undefined ? null : (
              <Box
                key={ci.id}
                at={{ left: place.xMm, top: place.yMm, width: sheet.widthMm, height: sheet.heightMm }}
                className="absolute overflow-hidden outline outline-1 outline-dashed outline-line print:outline-0"
              >
                <Label ci={ci} sheet={sheet} lines={lines} barcode={barcode} />
              </Box>
            );
          })}
        </Box>
      ))}
    </div>
  );
}

/** The printer is told the paper's size; a rule of its own goes with the page. */
function usePaper({ pageWidthMm, pageHeightMm }: LabelSheet): void {
  useEffect(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      `@media print { @page { size: ${pageWidthMm}mm ${pageHeightMm}mm; margin: 0; @bottom-right { content: none; } } }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    };
  }, [pageWidthMm, pageHeightMm]);
}

type Edge = 'left' | 'top' | 'width' | 'height' | 'gap' | 'padding';

/** Sizes in millimetres, set through the CSSOM: the policy of the page allows no style in the markup. */
function Box({
  at,
  className,
  children,
}: {
  at: Partial<Record<Edge, number>>;
  className: string;
  children: React.ReactNode;
}) {
  const element = useRef<HTMLDivElement>(null);
  const text = JSON.stringify(at);
  useEffect(() => {
    const { style } = element.current ?? {};
    if (!style) return;
    for (const [edge, mm] of Object.entries(JSON.parse(text) as Record<string, number>))
      style.setProperty(edge, `${mm}mm`);
  }, [text]);
  return (
    <div ref={element} className={className}>
      {children}
    </div>
  );
}

/** Of the height of a label: what the square code takes, and the room around. */
const PADDING_MM = 2;
const TEXT_MM = 3.2;

function Label({
  ci,
  sheet,
  lines,
  barcode,
}: {
  ci: CiDetail;
  sheet: LabelSheet;
  lines: readonly Line[];
  barcode: boolean;
}) {
  const number = ci.assetNumber ?? '';
  const squareMm = Math.min(sheet.heightMm - 2 * PADDING_MM, sheet.widthMm * 0.42, 30);
  const texts = lines
    .map((line) => {
      if (line === 'model' || line === 'serial') return attributeOf(ci, line);
      return ci[line];
    })
    .filter((text) => text !== null && text !== '');
  return (
    <Box at={{ padding: PADDING_MM, gap: PADDING_MM }} className="flex h-full items-center">
      <Box at={{ width: squareMm, height: squareMm }} className="flex-none">
        <Code kind="qrcode" text={scanAddress(window.location.origin, number)} label={number} />
      </Box>
      <div className="flex h-full min-w-0 flex-1 flex-col justify-center gap-0.5 leading-tight">
        <p className="text-12 font-semibold break-all">{number}</p>
        {texts.map((text) => (
          <p key={text} className="truncate text-11">
            {text}
          </p>
        ))}
        {barcode && (
          <Box at={{ height: TEXT_MM * 2 }} className="mt-0.5">
            <Code kind="code128" text={number} label={number} />
          </Box>
        )}
      </div>
    </Box>
  );
}

const codes = patiently(() => import('./codes.ts'));

function Code({ kind, text, label }: { kind: 'qrcode' | 'code128'; text: string; label: string }) {
  const t = useT();
  const [image, setImage] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    codes().then(
      ({ codeImage }) => {
        if (wanted) setImage(codeImage(kind, text));
      },
      () => {
        if (wanted) setFailed(true); // Said in place of the code.
      },
    );
    return () => {
      wanted = false;
    };
  }, [kind, text]);
  if (failed) return <span className="text-11">{t('assets.labels.noCode')}</span>;
  if (image === null) return null;
  return (
    <img
      src={image}
      alt={t(`assets.labels.${kind}`, { number: label })}
      className={kind === 'qrcode' ? 'size-full' : 'h-full w-full object-fill'}
      data-code={kind}
    />
  );
}
