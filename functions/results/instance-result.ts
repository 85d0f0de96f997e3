import type { SeriesId } from '../instances/series-id.ts';
import type { Instant } from '../shared/time.ts';

/** The final answer for one instance of an X-ray series. */
export interface InstanceResult {
  sopInstanceUid: string;
  /** `not_implemented`: Qure has not read it, and said so with a 200. `no_answer`: none in time; never stored. */
  answer: 'ready' | 'ready_invalid_scan' | 'unsupported' | 'not_implemented' | 'no_answer';
  triageStatus?: 'critical' | 'routine';
  usecase?: string;
  modelVersion?: string;
  reason?: string;
  resultFiles: string[];
  /** Of the answer (`answerDigest`), and of the content that was asked about. Absent in rows from before they were kept. */
  digest?: string;
  /** `contentTagOf` its object. */
  etag?: string;
  /** `uploadRound` of the series when it came. Absent in rows from before it was kept, which count in any round. */
  uploadRound?: number;
  /** Absent in rows from before it was kept. */
  answeredAt?: Instant;
  /** The answer equals that of this earlier generation in everything but its links. */
  sameAsGeneration?: number;
  /** It was accepted only after a wait, since the content is another one. */
  isDoubtful?: boolean;
}

export interface InstanceResultStore {
  /** `expiresAt`: of the row; absent: never. */
  put(id: SeriesId, generation: number, result: InstanceResult, expiresAt?: Instant): Promise<void>;
  of(id: SeriesId, generation: number): Promise<InstanceResult[]>;
  /** The last answer to each instance in the generations before this one, by SOPInstanceUID. */
  before(id: SeriesId, generation: number): Promise<Map<string, InstanceResult & { generation: number }>>;
}
