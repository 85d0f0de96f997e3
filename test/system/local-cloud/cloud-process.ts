/** Runs a local cloud until it is killed; the tests kill it. Arguments: template, data directory. */
import { startCloud } from '../../../local/cloud/start-cloud.ts';

const [templatePath = '', dataDir = ''] = process.argv.slice(2);
const { begin, endpoints } = await startCloud({ templatePath, dataDir, s3Port: 0 });
begin();
process.stdout.write(`${JSON.stringify(endpoints)}\n`);
