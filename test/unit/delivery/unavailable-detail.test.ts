import { expect, test } from 'vitest';
import { unavailableDetail } from '../../../functions/delivery/unavailable-detail.ts';

test.each(['http_404', 'http_405', 'http_410'])('%s names the base URL, not an outage', (cause) => {
  expect(unavailableDetail(cause)).toMatch(/^the base URL answered 4\d\d .*; correct the base URL/);
});

test.each(['ENOTFOUND', 'http_503', 'http_429'])('%s is an outage', (cause) => {
  expect(unavailableDetail(cause)).toBe(
    `Qure could not be reached until the deadline (last: ${cause}); retry when it is back`,
  );
});

test('the end of a run is a slow line, not an outage, and speaks of one upload alone', () => {
  expect(unavailableDetail('deadline')).toMatch(/^an upload was not through .* 1 GiB needs 10 Mbit\/s/);
});
