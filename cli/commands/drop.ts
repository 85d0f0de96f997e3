import { existsSync } from 'node:fs';
import type { CommandSpec } from '../frame/command.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';

export const drop: CommandSpec = {
  name: 'drop',
  group: 'Scans',
  summary: 'Drops the scans of folders, zip archives and CDs, and marks them complete',
  about: `Every DICOM file at and below the paths is uploaded, with its SHA-256; what is no DICOM file is left out. A path of
a DICOMDIR stands for the folder that it is in. Zip archives are unpacked on the way. Run it again to resume: what is
there with the same content is not sent again. At the end a _COMPLETE marker names the instances of each series, so
they are computed without a quiet period. If a file cannot be read there is no marker, and the command ends with 1.

--stack and the host on this machine write the bucket; other APIs give upload links, which cannot be resumed.`,
  operand: {
    name: 'PATH',
    help: 'files, folders, zip archives, or the DICOMDIR of a CD',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    isPath: true,
  },
  options: [
    { ...SOURCE_ROW, help: 'the source to drop for, where there are several' },
    { name: 'no-marker', value: { kind: 'flag' }, help: 'leave out the marker: more will follow' },
    {
      name: 'concurrency',
      placeholder: 'N',
      value: { kind: 'whole', least: 1, most: 64 },
      help: 'uploads at once (default: 8)',
    },
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) =>
    given.operands
      .filter((path) => path !== '' && !existsSync(path))
      .map((path) => `${JSON.stringify(path)}: expected a file or a folder, found none`),
  async run(given, world) {
    const { runDrop } = await import('../drop/run-drop.ts');
    return runDrop(given, world);
  },
};
