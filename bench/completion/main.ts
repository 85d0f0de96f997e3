import { runCompletion } from './command.ts';

/** `npm run completion -- --traces FILE --out FILE`: see docs/completion.md. */
process.exitCode = await runCompletion(process.argv.slice(2), (text) => void process.stderr.write(text));
