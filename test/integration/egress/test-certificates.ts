import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** PEM, as node:tls takes them. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority extends TestCertificate {
  /** A certificate of this authority for `names` (DNS names or IPv4 addresses). */
  issue(names: readonly string[], validity?: Validity): TestCertificate;
}

interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const YEAR_MS = 365 * 86_400_000;

/** Validity by distance from now, in years; `-1` ended a year ago. */
export function yearsFromNow(from: number, to: number): Validity {
  const now = Date.now();
  return { from: new Date(now + from * YEAR_MS), to: new Date(now + to * YEAR_MS) };
}

/** An authority made for this run; nothing trusts it that is not told to. */
export function createTestAuthority(name: string): TestAuthority {
  const { privateKey } = newKey();
  const issuer = { name, key: privateKey };
  const basicConstraints = extension("2.5.29.19", sequence(der(0x01, Buffer.from([0xff]))));
  const own = certify({ subject: name, key: privateKey, issuer, extensions: [basicConstraints] });
  return {
    ...own,
    issue: (names, validity) => {
      const { privateKey: key } = newKey();
      return certify({ subject: "receiver", key, issuer, extensions: [alternativeNames(names)], validity });
    },
  };
}

/** A certificate for `names` that nobody but itself vouches for. */
export function createSelfSigned(names: readonly string[]): TestCertificate {
  const { privateKey: key } = newKey();
  return certify({ subject: "self", key, issuer: { name: "self", key }, extensions: [alternativeNames(names)] });
}

function newKey(): { privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

interface CertificateRequest {
  readonly subject: string;
  readonly key: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
  readonly validity?: Validity | undefined;
}

/** X.509 v3 (RFC 5280 §4.1), signed with ECDSA and SHA-256. */
function certify({
  subject,
  key,
  issuer,
  extensions,
  validity = yearsFromNow(-1, 1),
}: CertificateRequest): TestCertificate {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(issuer.name),
    sequence(time(validity.from), time(validity.to)),
    commonName(subject),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, issuer.key));
  const encoded = sequence(body, algorithm, signature).toString("base64").replace(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${encoded}\n-----END CERTIFICATE-----\n`,
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4 ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name, "latin1")),
  );
  return extension("2.5.29.17", sequence(...entries));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const base128 = (arc: number): number[] =>
    arc < 128 ? [arc] : [...base128(Math.floor(arc / 128)).map((octet) => octet | 0x80), arc % 128];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function integer(value: Buffer): Buffer {
  return der(0x02, value);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Tag, length, value; lengths up to 65,535. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
