import type { Construct } from 'constructs';
import { QureDropoff as Original, type QureDropoffProps } from '../../../infra/qure-dropoff.ts';
import { inlineCode } from '../infra/synthesized-template.ts';

/** What the examples of the documentation import as `qure-dropoff`; its functions have code without a build. */
export class QureDropoff extends Original {
  constructor(scope: Construct, id: string, props: QureDropoffProps = {}) {
    super(scope, id, { codeFor: inlineCode, ...props });
  }
}

export { readSourcesFile } from '../../../infra/options/sources-file.ts';
