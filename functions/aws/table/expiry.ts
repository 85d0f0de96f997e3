import { addSeconds, type Instant } from '../../shared/time.ts';

/** By which DynamoDB deletes rows (TimeToLiveSpecification): seconds since 1970. */
export const EXPIRY_ATTRIBUTE = 'expiresAt';

/** A row that has expired is not deleted before, so that clocks may differ. DynamoDB takes some days more. */
const DELETED_AFTER_SECONDS = 86_400;

/** The attribute of a row that expires then. */
export function expiryAttribute(expiresAt: Instant | undefined): { expiresAt?: number } {
  if (expiresAt === undefined) return {};
  return { [EXPIRY_ATTRIBUTE]: Math.floor(Date.parse(expiresAt) / 1000) + DELETED_AFTER_SECONDS };
}

/** When a row with this attribute expires. */
export function expiryOf(attribute: unknown): { expiresAt?: Instant } {
  if (typeof attribute !== 'number') return {};
  return { expiresAt: addSeconds(new Date(attribute * 1000).toISOString(), -DELETED_AFTER_SECONDS) };
}
