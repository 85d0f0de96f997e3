/**
 * SOP classes and modalities in groups, as DICOM PS3.4 table B.5-1, PS3.6 annex A and PS3.3 C.7.3.1.1.1 list them.
 * `.*` stands for all UIDs below. Data; imports nothing.
 */
const STORAGE = '1.2.840.10008.5.1.4.1.1';

export const SECONDARY_CAPTURE_CLASSES = [`${STORAGE}.7`, `${STORAGE}.7.*`];

export const NON_IMAGE_CLASSES = [
  '1.2.840.10008.1.3.10', // media directory
  `${STORAGE}.4.2`, // MR spectroscopy
  `${STORAGE}.8`, // standalone overlay (retired)
  `${STORAGE}.9`, // standalone curve (retired)
  `${STORAGE}.9.*`, // waveforms
  `${STORAGE}.10`, // standalone modality LUT (retired)
  `${STORAGE}.11`, // standalone VOI LUT (retired)
  `${STORAGE}.11.*`, // presentation states
  `${STORAGE}.30`, // parametric map
  `${STORAGE}.66`, // raw data
  `${STORAGE}.66.*`, // registration, fiducials, segmentation, surface segmentation, tractography
  `${STORAGE}.67`, // real world value mapping
  `${STORAGE}.68.*`, // surface scans
  `${STORAGE}.77.1.5.3`, // stereometric relationship
  `${STORAGE}.78.*`, // ophthalmic measurements
  `${STORAGE}.79.*`, // macular grid report
  `${STORAGE}.80.*`, // perimetry
  `${STORAGE}.88.*`, // structured reports, key objects, dose reports, CAD
  `${STORAGE}.90.*`, // content assessment
  `${STORAGE}.91.*`, // microscopy annotations
  `${STORAGE}.104.*`, // encapsulated PDF, CDA, STL, OBJ, MTL
  `${STORAGE}.129`, // standalone PET curve (retired)
  `${STORAGE}.131`, // basic structured display
  `${STORAGE}.200.*`, // CT protocols
  `${STORAGE}.201.*`, // inventories, XA protocols
  `${STORAGE}.481.*`, // radiotherapy
  '1.2.840.10008.5.1.4.34.*', // radiotherapy, worklists
  '1.2.840.10008.5.1.4.38.*', // hanging protocols
  '1.2.840.10008.5.1.4.39.*', // colour palettes
  '1.2.840.10008.5.1.4.43.*', // implants
  '1.2.840.10008.5.1.4.44.*',
  '1.2.840.10008.5.1.4.45.*',
];

/** Mammography and intra-oral images stay what they are even where the modality says DX. */
export const UNSUPPORTED_XRAY_CLASSES = [
  `${STORAGE}.1.2`,
  `${STORAGE}.1.2.*`,
  `${STORAGE}.1.3`,
  `${STORAGE}.1.3.*`,
];

const listed = (text: string): string[] => text.trim().split(/\s+/);

/** Modalities whose objects hold no image that could be read as a scan. */
export const NON_IMAGE_MODALITIES = listed(`
  SR KO PR SEG REG FID DOC PLAN RTSTRUCT RTPLAN RTDOSE RTRECORD RTIMAGE RTINTENT RTRAD RTSEGANN
  ECG EPS HD AU RESP EEG EMG EOG POS RWV SMR STAIN TEXTUREMAP ANN ASMT IOL OAM KER LEN SRF VA AR OPV M3D
  CTPROTOCOL XAPROTOCOL`);

/** Images that no product takes. */
export const UNSUPPORTED_MODALITIES = listed(`
  MR US PT NM MG XA RF IO PX BMD BDUS BI CF CFM CP CS DD DF DG DM DMS DS EC EM ES FA FS GM IVOCT IVUS LP LS MA MS
  OCT OP OPM OPR OPT OPTBSV OPTENF OSS PA PANO PHOTO SM ST TG VF VL XC OT SC`);

/** Plain X-rays. DR is not a DICOM term, but devices write it. RG is film. */
export const XRAY_MODALITIES = ['CR', 'DX', 'RG', 'DR'];

/** What the modality must be where the header has none. */
const MODALITY_OF_CLASS: Record<string, string> = {
  [`${STORAGE}.1`]: 'CR',
  [`${STORAGE}.1.1`]: 'DX',
  [`${STORAGE}.1.1.1`]: 'DX',
  [`${STORAGE}.1.2`]: 'MG',
  [`${STORAGE}.1.2.1`]: 'MG',
  [`${STORAGE}.1.3`]: 'IO',
  [`${STORAGE}.1.3.1`]: 'IO',
  [`${STORAGE}.2`]: 'CT',
  [`${STORAGE}.2.1`]: 'CT',
  [`${STORAGE}.2.2`]: 'CT',
  [`${STORAGE}.3.1`]: 'US',
  [`${STORAGE}.4`]: 'MR',
  [`${STORAGE}.4.1`]: 'MR',
  [`${STORAGE}.4.3`]: 'MR',
  [`${STORAGE}.4.4`]: 'MR',
  [`${STORAGE}.6.1`]: 'US',
  [`${STORAGE}.6.2`]: 'US',
  [`${STORAGE}.12.1`]: 'XA',
  [`${STORAGE}.12.1.1`]: 'XA',
  [`${STORAGE}.12.2`]: 'RF',
  [`${STORAGE}.12.2.1`]: 'RF',
  [`${STORAGE}.20`]: 'NM',
  [`${STORAGE}.128`]: 'PT',
  [`${STORAGE}.128.1`]: 'PT',
  [`${STORAGE}.130`]: 'PT',
};

export function modalityOfSopClass(sopClassUid: string | undefined): string | undefined {
  return sopClassUid === undefined ? undefined : MODALITY_OF_CLASS[sopClassUid];
}
