export interface MailContent {
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly paragraphs: readonly string[];
  /** Left out when it is empty. */
  readonly list: { readonly title: string; readonly items: readonly string[] };
}

/** The same content as plain text and as HTML. All of it is text: whatever looks like HTML is shown, not read. */
export function mailBody(content: MailContent): { readonly text: string; readonly html: string } {
  return { text: asText(content), html: asHtml(content) };
}

function asText({ facts, paragraphs, list }: MailContent): string {
  const named = facts.map(([name, value]) => `${name}: ${value}`).join("\n");
  const listed = list.items.length === 0 ? [] : [`${list.title}\n${list.items.map((item) => `  ${item}`).join("\n")}`];
  return `${[named, ...paragraphs, ...listed].join("\n\n")}\n`;
}

function asHtml({ facts, paragraphs, list }: MailContent): string {
  const named = facts.map(([name, value]) => `${escaped(name)}: <strong>${escaped(value)}</strong>`).join("<br>");
  const items = list.items.map((item) => `<li>${escaped(item)}</li>`).join("");
  const listed = list.items.length === 0 ? "" : `<p>${escaped(list.title)}</p><ul>${items}</ul>`;
  const body = [named, ...paragraphs.map(escaped)].map((paragraph) => `<p>${paragraph}</p>`).join("");
  return `<!doctype html><html lang="en"><body>${body}${listed}</body></html>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
