import { REGIONS } from '../routing/regions.ts';
import { uid } from '../series/result-facts-schema.ts';
import { SERIES_STATES, TRIAGES } from '../series/series-facts.ts';
import * as z from '../shared/schema.ts';
import { accessionNumber, heldBack, instant, isSimulated } from './series-view-schema.ts';

const text = z.string();
const amount = z.int().check(z.minimum(0));

/** A study as the HTTP API shows it: what one source has dropped of it, summed up. */
export const studyView = z.object({
  source: text,
  studyInstanceUid: uid,
  accessionNumber,
  modalities: z.array(text),
  bodyParts: z.array(z.enum(REGIONS)),
  products: z.array(text),
  series: z
    .array(z.object({ state: z.enum(SERIES_STATES), count: z.int().check(z.minimum(1)) }))
    .check(z.describe('How many series are in each state')),
  progress: z
    .object({ arriving: amount, uploading: amount, computing: amount, results: amount })
    .check(z.describe('How many series are in each stage; results: no more work is to be done')),
  triage: z
    .exactOptional(z.enum(TRIAGES))
    .check(
      z.describe(
        'The worst of its series. critical: qER or qCT wants an expert at once. abnormal: any abnormality of an X-ray. routine: Qure says so of every series that is not skipped.',
      ),
    ),
  isSimulated: isSimulated.check(z.describe('A result of one of its series is of the bundled simulator')),
  isInvalidScan: z
    .exactOptional(z.boolean())
    .check(z.describe('Qure calls a scan of it, or an image of an X-ray, invalid (206)')),
  findings: z
    .array(z.object({ key: text, label: text }))
    .check(z.maxLength(100), z.describe('Those that Qure calls present, each once')),
  reasons: z.array(text).check(z.describe('Why series of it are FAILED or UNSUPPORTED')),
  skipReasons: z.array(text).check(z.describe('Why series of it are SKIPPED')),
  heldBack: heldBack.check(
    z.describe('The longest wait of its series for a limit of its source, or a stopped source'),
  ),
  firstArrivalAt: instant,
  lastArrivalAt: instant,
  changedAt: instant.check(z.describe('The last change of a series')),
});
