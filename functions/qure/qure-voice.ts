import { asObject, field, isMarkup, jsonObjectOf, looksLikeJson, textOf } from './answer-body.ts';

/**
 * What the words of a refusal are about: the login, the request, or the scan. Qure's own examples swap the bodies of 400 and
 * 401, so that the status alone does not tell; and only Qure's word on the scan may end a scan.
 */

const LOGIN_WORDS =
  /\binvalid token\b|\bno credentials\b|\bauthentication credentials\b|\bnot authenticated\b|\bauthentication (?:failed|required)\b|\btoken (?:has |is )?(?:expired|invalid|revoked)\b|\blog ?in required\b/i;
const NO_FILE_WORDS =
  /\bno (?:dicoms?|files?|dicom files?) (?:\w+ )?(?:uploaded|received|found|provided)\b|\bnothing (?:was )?uploaded\b/i;
/** What web servers and frameworks say of a request, whatever it was about. */
const COMMONPLACE =
  /^(?:error )?(?:4\d\d:? )?(?:bad request|unprocessable (?:entity|content)|unsupported media type|invalid request|malformed request)\b|^(?:client error|request failed|failure|failed|error)[.!]?$|\bcsrf\b|\bparse error\b|\bboundary\b|\bmultipart\b/i;
const SCAN_WORDS =
  /\bdicoms?\b|\bscans?\b|\bmodalit|\bseries\b|\bstud(?:y|ies)\b|\binstances?\b|\bimages?\b|\bslices?\b|\bpixels?\b|\btransfer syntax\b|\bsop class\b|\bbody part\b|\bcontrast\b|\bx-?rays?\b|\bnot[ _]implemented\b|\buse ?case\b|\b(?:un|not )supported\b/i;

/** A body that speaks of the login, whatever its status: the documented members, and in a refusal the usual words. */
export function speaksOfLogin(status: number, bodyText: string): boolean {
  // A result may be megabytes, and is not read twice.
  if (status < 400 && !/"authenticated"|"next"/.test(bodyText)) return false;
  const body = jsonObjectOf(bodyText);
  if (field(body, 'authenticated') === false) return true;
  if (/\blogin\b/i.test(textOf(field(body, 'next')) ?? '')) return true;
  return status >= 400 && status < 500 && wordsOf(bodyText).some((text) => LOGIN_WORDS.test(text));
}

/** A refusal that says that no file came, and names none that did: they were lost on the way, and Qure has not looked at the scan. */
export function speaksOfNoFile(status: number, bodyText: string): boolean {
  if (status < 400 || !wordsOf(bodyText).some((text) => NO_FILE_WORDS.test(text))) return false;
  return Object.keys(asObject(field(jsonObjectOf(bodyText), 'messages')) ?? {}).length === 0;
}

/** Says nothing of a scan: any server may say it of any request. */
export function isCommonplace(text: string): boolean {
  return COMMONPLACE.test(text);
}

/**
 * Qure's word on the scan in the refusal of a call that carries more than a scan (upload, compute): a reason in the place that
 * Qure documents for it, an entry for a part, or words that Qure uses only after it has looked at a scan.
 */
export function wordOnScan(bodyText: string): string | undefined {
  const body = jsonObjectOf(bodyText);
  const documented = [field(asObject(field(body, 'debug_info')), 'reason'), field(body, 'reason')];
  const parts = Object.values(asObject(field(body, 'messages')) ?? {});
  const entries = parts.map((part) => field(asObject(part), 'message'));
  const [first] = textsOf([...documented, ...entries]).filter((text) => !isCommonplace(text));
  if (first !== undefined) return first;
  return reasonsIn(bodyText).find((text) => SCAN_WORDS.test(text) && !isCommonplace(text));
}

/** What a body says to people, most telling first: of JSON the places that Qure documents, else the plain text. */
export function reasonsIn(bodyText: string): string[] {
  const body = jsonObjectOf(bodyText);
  if (body === undefined) {
    const isPlain = !looksLikeJson(bodyText) && !isMarkup(bodyText);
    return isPlain ? textsOf([bodyText]) : [];
  }
  const debugInfo = field(body, 'debug_info');
  const reason = field(asObject(debugInfo), 'reason');
  return textsOf([reason, debugInfo, field(body, 'reason'), field(body, 'message')]);
}

/** The same and what frameworks call it: read to be recognised, never repeated. */
function wordsOf(bodyText: string): string[] {
  const body = jsonObjectOf(bodyText);
  return [...reasonsIn(bodyText), ...textsOf([field(body, 'detail'), field(body, 'error')])];
}

function textsOf(values: readonly unknown[]): string[] {
  return values.map(textOf).filter((text) => text !== undefined);
}
