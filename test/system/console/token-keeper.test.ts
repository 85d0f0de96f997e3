import { ResponseBodyError } from 'oauth4webapi';
import { beforeEach, describe, expect, it } from 'vitest';
import { hasEnded } from '../../../console/shared/session.ts';
import type { Provider, Tokens } from '../../../console/sign-in/provider.ts';
import { TokenKeeper } from '../../../console/sign-in/token-keeper.ts';

const tokens = (overrides: Partial<Tokens> = {}): Tokens => ({
  accessToken: 'first',
  refreshToken: 'r1',
  lifetimeMs: 600_000,
  expiresAt: Date.now() + 600_000,
  ...overrides,
});
const nearItsEnd = () => tokens({ expiresAt: Date.now() + 10_000 });

type Renew = Provider['renew'];
const second: Renew = async () => tokens({ accessToken: 'second', refreshToken: 'r2' });
const refused: Renew = async () => {
  const response = new Response('{}', { status: 400 });
  throw new ResponseBodyError('refused', { cause: { error: 'invalid_grant' }, response });
};
const unreachable: Renew = async () => {
  throw new TypeError('Failed to fetch');
};

beforeEach(() => {
  hasEnded.value = false;
});

describe('a token', () => {
  it('is used until shortly before its end', async () => {
    const keeper = new TokenKeeper({ renew: refused }, tokens());
    expect(await keeper.token()).toBe('first');
    expect(hasEnded.value).toBe(false);
  });

  it('that is short lives half of its life', async () => {
    const short = tokens({ lifetimeMs: 20_000, expiresAt: Date.now() + 15_000 });
    expect(await new TokenKeeper({ renew: second }, short).token()).toBe('first');
  });

  it('is renewed once for all who ask at the same time', async () => {
    const used: string[] = [];
    const renew: Renew = async (old) => {
      used.push(old.refreshToken ?? '');
      return second(old);
    };
    const keeper = new TokenKeeper({ renew }, nearItsEnd());
    expect(await Promise.all([keeper.token(), keeper.token(), keeper.token()])).toEqual(
      Array(3).fill('second'),
    );
    expect(used).toEqual(['r1']);
    expect(keeper.tokens?.refreshToken).toBe('r2');
  });

  it('whose provider cannot be reached is used to its end', async () => {
    expect(await new TokenKeeper({ renew: unreachable }, nearItsEnd()).token()).toBe('first');
    const over = new TokenKeeper({ renew: unreachable }, tokens({ expiresAt: Date.now() - 1 }));
    await expect(over.token()).rejects.toThrow('Failed to fetch');
    expect(hasEnded.value).toBe(false);
  });

  it('without a refresh token is used to its end', async () => {
    const { refreshToken: _none, ...alone } = nearItsEnd();
    expect(await new TokenKeeper({ renew: refused }, alone).token()).toBe('first');
  });
});

describe('the session ends', () => {
  it('when the provider refuses to renew', async () => {
    await expect(new TokenKeeper({ renew: refused }, nearItsEnd()).token()).rejects.toMatchObject({
      status: 401,
    });
    expect(hasEnded.value).toBe(true);
  });

  it('with the token where there is no refresh token', async () => {
    const { refreshToken: _none, ...over } = tokens({ expiresAt: Date.now() - 1 });
    await expect(new TokenKeeper({ renew: second }, over).token()).rejects.toThrow('Sign in again');
    expect(hasEnded.value).toBe(true);
  });

  it('with a sign-out, whatever a renewal that is under way brings', async () => {
    const answer = Promise.withResolvers<Tokens>();
    const keeper = new TokenKeeper({ renew: () => answer.promise }, nearItsEnd());
    const asked = keeper.token();
    keeper.forget();
    answer.resolve(tokens({ accessToken: 'second' }));
    await expect(asked).rejects.toMatchObject({ status: 401 });
    await expect(keeper.token()).rejects.toMatchObject({ status: 401 });
    expect(keeper.tokens).toBeUndefined();
  });
});
