import { malformedXml } from './s3-error.ts';

export interface XmlNode {
  /** Without its namespace prefix. */
  name: string;
  /** The text directly inside, references resolved. */
  text: string;
  children: XmlNode[];
}

const MAX_DEPTH = 16;
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([^\s<>/!?]+)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/y;

/**
 * Reads the small documents that S3 clients send (`CompleteMultipartUpload`, `Delete`). Attributes are skipped,
 * document types are refused, so there are no entities to expand. Throws MalformedXML.
 */
export function parseXml(text: string): XmlNode {
  const top: XmlNode = { name: '', text: '', children: [] };
  const open: XmlNode[] = [top];
  TOKEN.lastIndex = 0;
  let position = text.startsWith('\uFEFF') ? 1 : 0;
  while (position < text.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(text);
    const current = open.at(-1);
    if (match === null || current === undefined) throw malformedXml();
    position = TOKEN.lastIndex;
    const [, cdata, closing, qualifiedName, , selfClosing, characters] = match;
    if (characters !== undefined) current.text += resolveReferences(characters);
    else if (cdata !== undefined) current.text += cdata;
    else if (qualifiedName !== undefined) {
      const name = qualifiedName.slice(qualifiedName.indexOf(':') + 1);
      if (closing === '/') {
        if (current === top || current.name !== name) throw malformedXml();
        open.pop();
      } else {
        const node: XmlNode = { name, text: '', children: [] };
        current.children.push(node);
        if (selfClosing !== '/') open.push(node);
        if (open.length > MAX_DEPTH) throw malformedXml();
      }
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || top.children.length !== 1 || root === undefined || top.text.trim() !== '') {
    throw malformedXml();
  }
  return root;
}

/** The text of the first child of that name. */
export function childText(node: XmlNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolveReferences(text: string): string {
  // XML 1.0 section 2.11: a line end is read as LF, unless it is written as a reference.
  return text.replace(/\r\n?/g, '\n').replace(/&([^;&]{0,10});?/g, (reference, name: string) => {
    if (!reference.endsWith(';')) throw malformedXml();
    const codePoint = /^#x[0-9a-f]+$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#[0-9]+$/.test(name)
        ? Number.parseInt(name.slice(1), 10)
        : undefined;
    if (codePoint !== undefined) {
      if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) throw malformedXml();
      return String.fromCodePoint(codePoint);
    }
    const character = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
    if (character === undefined) throw malformedXml();
    return character;
  });
}
