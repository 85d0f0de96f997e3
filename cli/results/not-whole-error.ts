/** The folder of a series is not a whole result of one generation. The message is for the user of the command. */
export class NotWholeError extends Error {
  override name = 'NotWholeError';
}
