import type { Duplex } from "node:stream";
import type { AttachmentInfo, ParseError } from "@waggle/domain";
import { type AttachmentStream, MailParser, type MessageText } from "mailparser";
import { readableText, wellFormed } from "./readable-text";
import { WholeText } from "./whole-text";

export interface ParsedAttachment extends AttachmentInfo {
  readonly content: Buffer;
}

/** What mailparser reads of a message beside its header. */
export interface MimeParts {
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly ParsedAttachment[];
  readonly problem: ParseError | null;
}

/**
 * What we need of mailparser 3.9.8 and it does not declare. Its own text and HTML are no use to us: it writes one from
 * the other, and when it fails it hands out neither, though the parts it had read are there.
 */
interface Internals {
  readonly tree: PartNode | false;
  readonly decoder: { decodeStream(charset: string): Duplex };
  createNode(part: unknown): PartNode;
}

interface PartNode {
  readonly contentType: string | false;
  charset?: string;
  readonly textContent?: string;
  readonly children: readonly PartNode[];
}

/** `ignoreEmbedded` (mailsplit's): an attached message is an attachment, whatever its disposition says. */
const OPTIONS = {
  ignoreEmbedded: true,
  keepCidLinks: true,
  skipHtmlToText: true,
  skipImageLinks: true,
  skipTextLinks: true,
  skipTextToHtml: true,
};

/** In place of a charset nobody named, or that only says there is nothing to decode. */
const UNDECLARED = "x-undeclared";

/** The inline texts and the attachments of a message. Never rejects: what was read before a failure is there. */
export function readParts(raw: Buffer): Promise<MimeParts> {
  return new Promise((resolve) => {
    const parser = new MailParser(OPTIONS);
    const internals = parser as unknown as Internals;
    const attachments: (() => ParsedAttachment)[] = [];
    let problem = decodeEveryCharset(internals);
    const end = (failure: ParseError | null) => {
      const texts = textsOf(internals.tree);
      resolve({ ...texts, attachments: attachments.map((read) => read()), problem: failure ?? problem() });
    };
    parser.on("data", (part: AttachmentStream | MessageText) => {
      if (part.type === "attachment") attachments.push(collect(part, () => (problem = () => "unreadable")));
    });
    parser.once("end", () => end(null));
    parser.once("error", () => end("unreadable"));
    parser.end(raw);
  });
}

/**
 * Makes the parser decode text without a charset and in unknown ones as well as can be guessed.
 * @returns what to call at the end for whether a charset was unknown
 */
function decodeEveryCharset(internals: Internals): () => ParseError | null {
  let isUnknown = false;
  const { createNode, decoder } = internals;
  const decodeStream = decoder.decodeStream.bind(decoder);
  internals.createNode = (part) => {
    const node = createNode.call(internals, part);
    if (!node.charset || /^(us-?)?ascii$/i.test(node.charset)) node.charset = UNDECLARED;
    return node;
  };
  decoder.decodeStream = (charset) => {
    if (charset === UNDECLARED) return new WholeText(readableText);
    try {
      return decodeStream(charset);
    } catch {
      isUnknown = true;
      return new WholeText(readableText);
    }
  };
  return () => (isUnknown ? "unknown_charset" : null);
}

/** Reads an attachment to its end, or as far as it can be read; the next one comes only then. */
function collect(part: AttachmentStream, onFailure: () => void): () => ParsedAttachment {
  const chunks: Buffer[] = [];
  const release = () => part.release();
  // The type says Stream, as it did before Node had Readable.
  const content = part.content as Duplex;
  content.on("data", (chunk: Buffer) => chunks.push(chunk));
  content.once("end", release);
  content.once("error", () => {
    onFailure();
    release();
  });
  return () => {
    const bytes = Buffer.concat(chunks);
    const { contentType, filename } = part;
    return { name: nameOf(filename), content_type: typeOf(contentType), content_length: bytes.length, content: bytes };
  };
}

const NAME_LENGTH = 255;

function nameOf(filename: string | undefined): string | null {
  const printable = wellFormed(filename ?? "").replaceAll(/\p{Cc}+/gu, " ");
  const name = [...printable.trim()].slice(0, NAME_LENGTH).join("");
  return name === "" ? null : name;
}

/** `type/subtype` (RFC 6838 §4.2); what is none is bytes. */
function typeOf(contentType: string | undefined): string {
  const type = (contentType ?? "").toLowerCase();
  return /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/.test(type) ? type : "application/octet-stream";
}

function textsOf(tree: PartNode | false): { text: string | null; html: string | null } {
  const texts: string[] = [];
  const htmls: string[] = [];
  const visit = ({ contentType, textContent, children }: PartNode) => {
    if (textContent !== undefined)
      (contentType === "text/html" ? htmls : texts).push(wellFormed(withoutNul(textContent)));
    for (const child of children) visit(child);
  };
  if (tree) visit(tree);
  return { text: joined(texts), html: joined(htmls) };
}

function joined(parts: readonly string[]): string | null {
  return parts.length === 0 ? null : parts.join("\n");
}

function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
