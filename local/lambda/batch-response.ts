/**
 * Which messages of a batch a function reports as failed. `all`: the answer is invalid, so none may be deleted. Source:
 * AWS Lambda Developer Guide, "Implementing partial batch responses", success and failure conditions.
 */
export function failedItems(response: string, messageIds: ReadonlySet<string>): ReadonlySet<string> | 'all' {
  const none: ReadonlySet<string> = new Set();
  let answer: unknown;
  try {
    answer = JSON.parse(response);
  } catch {
    return 'all';
  }
  if (answer === null || typeof answer !== 'object') return none;
  const failures: unknown = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return none;
  if (!Array.isArray(failures)) return 'all';
  const failed = new Set<string>();
  for (const entry of failures as unknown[]) {
    const id: unknown = (entry as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== 'string' || !messageIds.has(id)) return 'all';
    failed.add(id);
  }
  return failed;
}
