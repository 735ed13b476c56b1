import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryDir } from "../stack/directories.mjs";

/** What proto/ says, as the health app carries it: it needs no file beside its code. */
const target = join(repositoryDir, "apps/health/src/in/grpc/descriptor-set.ts");
const buf = join(repositoryDir, "node_modules/.bin/buf");

/** Characters of base64 in a line. */
const WIDTH = 110;

const text = generated();
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("apps/health/src/in/grpc/descriptor-set.ts is not what proto/ says: npm run proto:write");
  process.exit(1);
}

/** The module as it should be. */
function generated() {
  const set = execFileSync(
    buf,
    ["build", "--as-file-descriptor-set", "--exclude-source-info", "-o", "-#format=binpb"],
    { cwd: repositoryDir, stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = set.toString("base64").match(new RegExp(`.{1,${WIDTH}}`, "g")) ?? [];
  return `/** All of proto/ as a google.protobuf.FileDescriptorSet, in base64. Written by \`npm run proto:write\`. */
export const DESCRIPTOR_SET = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}
