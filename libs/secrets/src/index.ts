/** Makes, seals and hashes secrets and tokens. Nothing here logs or stores them. */
export { answerAad, createSecretBox, type SecretBox, tenantAad, webhookAad } from "./secret-box";
export { generateApiKey, generateInboundHash, generateSecret, hashApiKey, newId, sha256Hex } from "./tokens";
