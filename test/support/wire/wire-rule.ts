/** Where the proxy can stand: before each embedded service, before Qure's API, and before the host of its assets. */
export const SERVICES = ['s3', 'sqs', 'dynamodb', 'qure', 'assets'] as const;
export type Service = (typeof SERVICES)[number];

/** What can happen to one call, by kind. */
export type WireFault =
  /**
   * The connection is reset: `before` the server gets anything, in the middle of the `request`, `after` the server has
   * acted and before anything of its answer is through, or in the middle of the `answer`'s body.
   */
  | { kind: 'cut'; when: 'before' | 'request' | 'after' | 'answer' }
  | { kind: 'delay'; when: 'before' | 'after'; ms: number }
  /** Refused as this service refuses when it is asked too often; it never gets the call. */
  | { kind: 'throttle' }
  /** A page of the load balancer in front, instead of the service. */
  | { kind: 'outage'; status: 500 | 502 | 503 }
  /** A batch is answered as if none of it could be done; the service never gets it. */
  | { kind: 'partial' }
  | { kind: 'corrupt'; how: Corruption }
  /** The server gets the same request twice, as from a middlebox that retries; the second answer goes back. */
  | { kind: 'duplicate' }
  /** The call stands still, for ever: the moment for a kill. `after`: the server has acted. */
  | { kind: 'hold'; when: 'before' | 'after' };

export type Corruption =
  /** One bit of the body, in its middle. */
  | 'flipped'
  /** Half of the body is missing, and Content-Length agrees with the half. */
  | 'shortened'
  /** Content-Length is smaller than the body; then the connection ends. */
  | 'short_length'
  /** Content-Length is larger than the body; then the connection ends. */
  | 'long_length'
  /** A text that is neither JSON nor XML, with the same status. */
  | 'not_parsable'
  /** Every checksum header is one of other bytes. */
  | 'wrong_checksum';

/** Which calls are struck by what. All conditions that are given must hold; of several rules the first one strikes. */
export interface WireRule {
  /** Unique: the journal's calls are found by it. */
  name: string;
  service: Service;
  /**
   * As AWS calls it (`PutItem`, `GetObject`; a part of an object is `GetObject range`); of Qure `upload`, `compute`, `results`; `asset`. `connect` is the
   * TCP connection, before any byte. Default: any call.
   */
  operation?: string | readonly string[];
  /** A text in the request's path or body, such as a UID. */
  mentions?: string | readonly string[];
  /** A text in the answer's body: then the fault is one of those that the server has acted before. */
  answerMentions?: string;
  /** Who calls: a function, or the host for itself (event sources, the dropper, the progress). Default: anybody. */
  by?: Caller;
  /** The first matching call that is struck, from 1. Default: 1. */
  nth?: number;
  /** How many are struck from there on. Default: 1. */
  times?: number;
  fault: WireFault;
}

export type Caller = 'function' | 'host';

/** One call as the proxy saw it. Without header values and bodies. */
export interface WireCall {
  service: Service;
  operation: string;
  by: Caller;
  /** How often the server got it. */
  forwarded: number;
  /** The server's last status, when it was asked and has answered. */
  serverStatus?: number;
  /** What the caller saw. */
  seen?: number | 'cut' | 'held';
  struckBy?: string;
}
