import { runCommand } from './run-command.ts';
import { uploadLinks } from './upload-links-command.ts';

await runCommand(uploadLinks);
