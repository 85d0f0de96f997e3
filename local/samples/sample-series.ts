import type { DicomElement } from '@qure-dropoff/dicom/write';
import { commonElements, type SeriesDescription } from '@qure-dropoff/dicom/write';
import { sampleUid } from './sample-uids.ts';

/** The common attributes of the instances of one sample series. */
export interface SampleSeries extends SeriesDescription {
  /** Part of the patient's name, `SAMPLE^HEAD CT`, and of all UIDs. */
  title: string;
  /** Series of one study have the same. */
  study: string;
  /** Of the study: its AccessionNumber and StudyID, and the PatientID of its only patient. */
  accession: string;
}

/** A fixed date: the bytes of the samples never change. */
const SAMPLE_DATE = '20240101';
const SAMPLE_TIME = '120000';

/** The elements of every sample instance, without those of its modality and the pixels. */
export function sampleElements(series: SampleSeries, instanceNumber: number): DicomElement[] {
  const seriesName = `${series.study}/${series.title}/${series.seriesNumber}`;
  return commonElements(
    {
      ...series,
      studyInstanceUid: sampleUid(series.study),
      seriesInstanceUid: sampleUid(seriesName),
      patientName: `SAMPLE^${series.title}`,
      label: series.accession,
      manufacturer: 'Generated sample',
      date: SAMPLE_DATE,
      time: SAMPLE_TIME,
    },
    { number: instanceNumber, sopInstanceUid: sampleUid(`${seriesName}/${instanceNumber}`) },
  );
}

/** Of the study that the series belongs to. */
export function sampleFrameOfReference({ study }: SampleSeries): string {
  return sampleUid(`${study}/frame of reference`);
}
