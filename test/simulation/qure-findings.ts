/** What the model of Qure finds, in the shapes that its answers have for each product; the same scan has the same findings. */

type Parts = Record<string, unknown>;

/** The members of `result` but for the files. */
export function foundIn(uid: string, usecase: string, modelVersion: string): Parts {
  // Of qCT's answers no document tells a version, and its findings are in the asset alone.
  return usecase === 'qct' ? {} : { ...statedIn(uid, usecase), qure_model_version: modelVersion };
}

/** The types of the assets. */
export function typesOf(usecase: string): string[] {
  if (usecase === 'qer') return ['pdf', 'sc'];
  return usecase === 'qct' ? ['pdf', 'sc', 'json'] : ['report_pdf'];
}

function statedIn(uid: string, usecase: string): Parts {
  switch (usecase) {
    case 'qxr':
      return listed([
        ['PLEURAL_EFFUSION', 'no effusion'],
        ['opacity', `in the lobe ${numberOf(uid)}`],
      ]);
    case 'qmsk':
      return listed([['FRACTURE', 'of the radius']]);
    case 'not_implemented':
      return listed([['notice', 'Invalid X-Ray']], 'Invalid X-Ray');
    default:
      return mapped(uid);
  }
}

/** The `json` asset of qCT, `of` a computation. */
export function findingsAsset(uid: string, of: string): string {
  const number = numberOf(uid);
  if (number % 2 === 1) return JSON.stringify({ of, result: { scores: { NODULE: 0.4 }, decisions: {} } });
  const findings = [
    { name: 'EMPHYSEMA', present: number % 4 === 0, score: 0.8 },
    { name: 'NODULE', score: 0.4 },
  ];
  return JSON.stringify({ of, findings });
}

function mapped(uid: string): Parts {
  const number = numberOf(uid);
  return {
    report: ['Finding 1'],
    // One has no decision, one no score, and some write numbers as texts.
    scores: { ICH: number % 3 === 0 ? '0.93' : 0.93, 'Midline shift (mm)': 0.61 },
    decisions: { ICH: number % 2 === 0, SITE_LOCAL_7: true },
  };
}

function listed(findings: readonly (readonly [string, string])[], said = 'As follows'): Parts {
  return { report: { findings: said, impression: 'Compare with the clinic', findings_list: findings } };
}

function numberOf(uid: string): number {
  return Number(uid.slice(uid.lastIndexOf('.') + 1));
}
