import { nameOf, statusOf } from './account.ts';
import { type Finding, warning } from './finding.ts';

/** A check that could not be made is one line, and the next check goes on. */
export async function attempt(
  check: string,
  permission: string,
  run: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    const isDenied = statusOf(error) === 403 || /denied|unauthorized/i.test(nameOf(error));
    return [
      isDenied
        ? warning(
            check,
            'not checked: AWS denies the call',
            `Allow ${permission}, or ask somebody who may call it.`,
          )
        : warning(
            check,
            `not checked: ${nameOf(error)}`,
            'Check the region and the network, and run it again.',
          ),
    ];
  }
}
