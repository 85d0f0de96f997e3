import { useSignal } from '@preact/signals';
import { type Answer, messageOf, post } from '../shared/api.ts';
import { config } from '../shared/config.ts';
import { maySeePatients } from '../shared/session.ts';

interface PatientProps {
  source: string;
  uid: string;
  /** It has been recorded that somebody has seen the patient. */
  onShown(): void;
}

/** Asks for the patient only when told to; what it shows is kept nowhere, and gone with the panel. */
export function Patient({ source, uid, onShown }: PatientProps) {
  const patient = useSignal<Answer<'Patient'> | undefined>(undefined);
  const trouble = useSignal('');
  const isAsking = useSignal(false);
  if (config.value.phi !== 'show' || !maySeePatients(source)) return null;
  const show = async () => {
    isAsking.value = true;
    trouble.value = '';
    try {
      const query = new URLSearchParams({ source }).toString();
      patient.value = await post('Patient', `/v1/series/${encodeURIComponent(uid)}/patient?${query}`, {});
      onShown();
    } catch (error) {
      trouble.value = messageOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  const shown = patient.value;
  return (
    <section class="patient" aria-live="polite">
      {shown === undefined ? (
        <button type="button" disabled={isAsking.value} onClick={() => void show()}>
          Show patient
        </button>
      ) : (
        <>
          <dl class="facts">
            <div>
              <dt>Patient</dt>
              <dd>
                <bdi>{nameInWords(shown.patientName)}</bdi>
              </dd>
            </div>
            <div>
              <dt>Patient ID</dt>
              <dd>
                <bdi>{shown.patientId}</bdi>
              </dd>
            </div>
          </dl>
          <button
            type="button"
            onClick={() => {
              patient.value = undefined;
            }}
          >
            Hide patient
          </button>
        </>
      )}
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {shown === undefined && <p class="quiet">Each view is recorded, with who it was.</p>}
    </section>
  );
}

/** `DOE^JANE^^DR` of DICOM as `DOE, JANE DR`; a part that is empty leaves nothing. Source: DICOM PS3.5, 6.2.1.1. */
function nameInWords(name = ''): string {
  const [family = '', ...others] = name.split('^').map((part) => part.trim());
  const parts = [family, others.filter((part) => part !== '').join(' ')].filter((part) => part !== '');
  return parts.length === 0 ? 'No name' : parts.join(', ');
}
