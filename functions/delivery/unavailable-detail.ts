/** What a server says that is not Qure's, or not at this path. An outage, a limit or an overload has other statuses. */
const WRONG_PLACE = /^http_(404|405|410)$/;

/** Why a series has failed at its deadline, and what to do. `cause`: of the last try. */
export function unavailableDetail(cause: string): string {
  // Of a run, not of the series: Qure was there, and one request was not through by then. Others may have been.
  if (cause === 'deadline')
    return 'an upload was not through at the end of its run of 15 minutes, and none can go on where another has ended: a file of 1 GiB needs 10 Mbit/s; see what the line to Qure has, then retry';
  const [, status] = WRONG_PLACE.exec(cause) ?? [];
  return status === undefined
    ? `Qure could not be reached until the deadline (last: ${cause}); retry when it is back`
    : `the base URL answered ${status} to each upload until the deadline, so it is not Qure's API; correct the base URL of the source, then retry`;
}
