/** A header value with parameters, such as `form-data; name="file_0"; filename="a.dcm"`. */
export interface ParameterizedHeader {
  /** In lower case. */
  value: string;
  parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*/y;

/** Reads a header with parameters (RFC 9110 section 5.6.6); `null` when it is malformed. */
export function parseHeaderParameters(header: string): ParameterizedHeader | null {
  const valueEnd = header.indexOf(';');
  const value = (valueEnd < 0 ? header : header.slice(0, valueEnd)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  let at = valueEnd < 0 ? header.length : valueEnd;
  while (at < header.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(header);
    if (match === null) return null;
    const [whole, name = '', quoted, token = ''] = match;
    parameters.set(name.toLowerCase(), quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, '$1'));
    at += whole.length;
  }
  return { value, parameters };
}
