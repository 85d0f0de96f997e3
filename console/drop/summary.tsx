import { bytes, plural } from '../shared/format.ts';
import type { Chosen } from './chosen-files.ts';
import { nameOf } from './current.ts';
import type { Kind } from './kinds.ts';

const SHOWN = 100;

/** What will be uploaded, and what will not. */
export function Summary({ chosen }: { chosen: readonly Chosen[] }) {
  const of = (kind: Kind) => chosen.filter((one) => one.kind === kind);
  const scans = of('scan');
  const zips = of('zip');
  const size = [...scans, ...zips].reduce((sum, { file }) => sum + file.size, 0);
  const parts = [
    ...(scans.length > 0 || zips.length === 0 ? [plural(scans.length, 'DICOM file')] : []),
    ...(zips.length > 0 ? [plural(zips.length, 'zip archive')] : []),
  ];
  return (
    <div role="status">
      <p>
        <strong>{parts.join(' and ')}</strong>, {bytes(size)}.
      </p>
      <Names title="left out: no DICOM" of={of('left_out')} />
      <Names
        title="not sent: empty, or an archive that is no zip by its name. The rest will not be marked complete"
        of={of('not_taken')}
      />
      <Names title="left out: larger than 5 GB, which a link cannot take" of={of('too_large')} />
    </div>
  );
}

function Names({ title, of }: { title: string; of: readonly Chosen[] }) {
  if (of.length === 0) return null;
  return (
    <details>
      <summary>
        {plural(of.length, 'file')} {title}
      </summary>
      <ul class="drop-names">
        {of.slice(0, SHOWN).map(({ file }, at) => (
          <li key={at}>
            <bdi>{nameOf(file)}</bdi>
          </li>
        ))}
        {of.length > SHOWN && <li>and {plural(of.length - SHOWN, 'more', 'more')}</li>}
      </ul>
    </details>
  );
}
