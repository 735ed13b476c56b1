import libmime = require("libmime");

/** What libmime 5.3.8 exports and its types do not declare: the class whose methods mailparser calls as well. */
interface LibmimeClass {
  readonly Libmime: { readonly prototype: { parseHeaderValue(value: string): libmime.StructuredHeader } };
}

/**
 * A parameter called `__proto__*0` has libmime reach for a member of Object.prototype and throw, within mailparser amid
 * a stream: the process would end for one message. Such a parameter means nothing, so its name is taken out.
 */
export function survivePrototypeParameters(): void {
  const { prototype } = (libmime as unknown as LibmimeClass).Libmime;
  const { parseHeaderValue } = prototype;
  prototype.parseHeaderValue = function parse(value) {
    return parseHeaderValue.call(this, value.replaceAll(/__proto__/gi, ""));
  };
}
