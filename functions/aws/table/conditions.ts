import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** Waits for a conditional write; that its condition did not hold is an answer here, not an error. */
export async function unlessRefused(write: Promise<unknown>): Promise<'written' | 'refused'> {
  try {
    await write;
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'refused';
    throw error;
  }
}
