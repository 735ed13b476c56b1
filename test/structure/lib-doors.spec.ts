import { createSourceFile, isExportDeclaration, isNamedExports, ScriptTarget } from "typescript";
import { foldersIn, textOf } from "./repository-files";

describe("a lib's index.ts", () => {
  it.each(foldersIn("libs"))("libs/%s says what the lib is for and exports by name only", (lib) => {
    const path = `libs/${lib}/src/index.ts`;
    const text = textOf(path);
    const { statements } = createSourceFile(path, text, ScriptTarget.Latest, true);

    expect(text).toMatch(/^\/\*\*/);
    expect(statements.length).toBeGreaterThan(0);
    const others = statements.filter(
      (statement) =>
        !isExportDeclaration(statement) || !statement.exportClause || !isNamedExports(statement.exportClause),
    );
    expect(others.map((statement) => statement.getText())).toEqual([]);
  });
});
