import type { FindingsDocument } from '../../functions/qure/findings/findings.ts';
import type { Answer } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { Scroll } from '../shared/scroll.tsx';

interface FindingsProps {
  series: Answer<'SeriesDetail'>;
  results: Answer<'Results'>;
}

type Finding = FindingsDocument['findings'][number];

const MAX_ROWS = 200;

/** Qure's own statements: nothing is concluded from a score or a text (docs/findings.md). */
export function Findings({ series, results }: FindingsProps) {
  const document = results.findings?.document as FindingsDocument | undefined;
  if (document === undefined) return null;
  const findings = document.findings.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, MAX_ROWS);
  const left = document.findings.length - findings.length + (document.omittedFindings ?? 0);
  const perImage = findings.some(({ sopInstanceUid }) => sopInstanceUid !== undefined);
  return (
    <div>
      <h4 id="findings-title">Findings</h4>
      <p class="quiet">
        {[
          productOf(document.usecase ?? series.usecase),
          modelOf(document.modelVersion ?? series.modelVersion),
          series.state === 'DONE' && series.triage && TRIAGES_IN_WORDS[series.triage],
        ]
          .filter((text) => typeof text === 'string')
          .join(' · ')}
      </p>
      {document.readFrom === 'none' && (
        <p class="note">
          No finding was found in a known format. This does not mean that the scan is normal.
        </p>
      )}
      {findings.length > 0 && (
        <Scroll labelledBy="findings-title">
          <table class="findings">
            <thead>
              <tr>
                <th scope="col">Finding</th>
                <th scope="col">By Qure</th>
                <th scope="col">Score</th>
                {perImage && <th scope="col">Image</th>}
              </tr>
            </thead>
            <tbody>
              {findings.map((finding, index) => (
                <tr key={index} class={finding.present === true ? 'is-present' : ''}>
                  <th scope="row">
                    <bdi>{finding.label}</bdi>
                    {finding.text !== undefined && (
                      <p class="quiet">
                        <bdi>{finding.text}</bdi>
                      </p>
                    )}
                  </th>
                  <td>{presenceOf(finding)}</td>
                  <td>
                    <Score score={finding.score} />
                  </td>
                  {perImage && (
                    <td class="uid" title={finding.sopInstanceUid}>
                      {finding.sopInstanceUid?.split('.').at(-1)}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {left > 0 && <p class="quiet">{plural(left, 'further finding')}, in the stored answer only.</p>}
      {document.report.length > 0 && (
        <ul class="report">
          {document.report.map((text) => (
            <li key={text}>
              <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Of an X-ray Qure names findings, and states of none whether it is present. */
function presenceOf({ present }: Finding): string {
  if (present === undefined) return 'Named, presence not stated';
  return present ? 'Present' : 'Absent';
}

/** A bar where the score is a share of one; any other number stands alone. */
function Score({ score }: { score: number | undefined }) {
  if (score === undefined) return <>–</>;
  const text = String(Number(score.toFixed(3)));
  if (score < 0 || score > 1) return <>{text}</>;
  return (
    <span class="score">
      <span class="score-bar" aria-hidden="true">
        <span class="score-part" style={{ width: `${score * 100}%` }} />
      </span>
      {text}
    </span>
  );
}

function rankOf({ present, score = 0 }: Finding): number {
  return (present === true ? 0 : present === undefined ? 10 : 20) - Math.min(1, Math.max(0, score));
}

/** `qer` of Qure's answer, as people write it. */
function productOf(usecase: string | undefined): string | undefined {
  return (
    ['qER', 'qCT', 'qXR', 'qMSK'].find((name) => name.toLowerCase() === usecase?.toLowerCase()) ?? usecase
  );
}

function modelOf(version: string | undefined): string | undefined {
  return version === undefined ? undefined : `model version ${version}`;
}

const TRIAGES_IN_WORDS = {
  critical: 'critical: an expert must read it at once',
  abnormal: 'an abnormality was found',
  routine: 'routine',
};
