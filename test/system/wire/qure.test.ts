import { describeWire, type WireRow } from '../../support/wire/wire-suite.ts';

/** One of the uploads, calls and polls of the first CT; what carries an asset names its series, too. */
const of = (operation: string, fault: WireRow['fault'], times = 1): WireRow => ({
  operation,
  mentions: ['<uid>.1'],
  times,
  fault,
});

/**
 * An asset whose bytes change or end early under a fitting Content-Length cannot be told from a good one: Qure states neither
 * sizes nor checksums. TLS is what keeps that from happening, so there is no row for it.
 */
describeWire('qure', {
  'an upload that never reaches Qure': of('upload', { kind: 'cut', when: 'before' }, 2),
  'an upload that breaks off': of('upload', { kind: 'cut', when: 'request' }),
  'an upload whose answer is lost': of('upload', { kind: 'cut', when: 'after' }),
  'a receipt that breaks off': of('upload', { kind: 'cut', when: 'answer' }),
  'an upload that is slowed down': of('upload', { kind: 'throttle' }, 2),
  'an upload that meets a 502 page': of('upload', { kind: 'outage', status: 502 }, 2),
  'an upload that reaches Qure twice': of('upload', { kind: 'duplicate' }),
  'a receipt that is no JSON': of('upload', { kind: 'corrupt', how: 'not_parsable' }),
  'a receipt that is cut in half, with a fitting length': of('upload', { kind: 'corrupt', how: 'shortened' }),
  'a receipt that is longer than announced': of('upload', { kind: 'corrupt', how: 'short_length' }),
  'a compute call that never reaches Qure': of('compute', { kind: 'cut', when: 'before' }, 2),
  'a compute call whose answer is lost': of('compute', { kind: 'cut', when: 'after' }),
  'an acceptance that breaks off': of('compute', { kind: 'cut', when: 'answer' }),
  'a compute call that is slowed down': of('compute', { kind: 'throttle' }, 2),
  'a compute call that meets a 503 page': of('compute', { kind: 'outage', status: 503 }, 2),
  'a compute call that reaches Qure twice': of('compute', { kind: 'duplicate' }),
  'an acceptance that is no JSON': of('compute', { kind: 'corrupt', how: 'not_parsable' }),
  'an acceptance that comes late': of('compute', { kind: 'delay', when: 'after', ms: 1500 }),
  'a poll that is slowed down': of('results', { kind: 'throttle' }, 2),
  'a poll that meets a 502 page': of('results', { kind: 'outage', status: 502 }, 2),
  'a result that breaks off': of('results', { kind: 'cut', when: 'answer' }),
  'a result that is no JSON': of('results', { kind: 'corrupt', how: 'not_parsable' }, 2),
  'a result that is cut in half, with a fitting length': of(
    'results',
    { kind: 'corrupt', how: 'shortened' },
    2,
  ),
  'a result of an X-ray that is shorter than announced': {
    operation: 'results',
    mentions: ['/v2/<uid>.3'],
    fault: { kind: 'corrupt', how: 'long_length' },
  },
  'an asset that breaks off': of('asset', { kind: 'cut', when: 'answer' }, 2),
  'an asset that is slowed down': of('asset', { kind: 'throttle' }, 2),
  'an asset that is shorter than announced': of('asset', { kind: 'corrupt', how: 'long_length' }),
  'an asset that meets a 500 page': of('asset', { kind: 'outage', status: 500 }),
  'connections that are reset at once': {
    operation: 'connect',
    inThe: 'anywhere',
    times: 3,
    fault: { kind: 'cut', when: 'before' },
  },
});
