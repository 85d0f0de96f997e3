const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An XML fragment that is already escaped. */
export type Xml = string;

/**
 * Control characters become character references, as in S3, although XML 1.0 forbids most of them; for this reason
 * clients request `encoding-type=url`. A raw CR or LF would be normalized away by a parser.
 */
export function escapeXml(text: string): Xml {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return text.replace(/[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g, (character) => {
    switch (character) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      case "'":
        return '&apos;';
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`;
    }
  });
}

/** `<name>text</name>`; nothing at all for `undefined`. */
export function leaf(name: string, text: string | number | boolean | undefined): Xml {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`;
}

export function branch(name: string, ...children: Xml[]): Xml {
  return `<${name}>${children.join('')}</${name}>`;
}

export function xmlDocument(root: string, ...children: Xml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${children.join('')}</${root}>`;
}

/** S3's error documents have no namespace. */
export function xmlErrorDocument(...children: Xml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${children.join('')}</Error>`;
}
