/** Part of every token of Qure's; never to be seen outside the secrets. */
export const TOKEN_WORD = 'TokenOfQure';
