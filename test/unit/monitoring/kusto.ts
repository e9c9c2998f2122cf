/** Microsoft's own parser of KQL, with the tables of a Log Analytics workspace: what the portal would say to a query. */
import { createRequire } from 'node:module';

interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Severity: string; readonly Message: string };
}
interface Kusto {
  readonly Language: {
    readonly KustoCode: { ParseAndAnalyze(query: string, globals: unknown): { GetDiagnostics(): Diagnostics } };
    readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
    readonly Symbols: {
      // the compiler of that package numbers its constructors
      readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string, description: null) => unknown };
      readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly unknown[]) => unknown };
    };
  };
}

const require = createRequire(import.meta.url);

/** `tables`: columns and types by name. Answers what is wrong with a query; empty: nothing. */
export function kustoChecker(tables: Readonly<Record<string, string>>): (query: string) => readonly string[] {
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { Language } = (globalThis as unknown as { readonly Kusto: Kusto }).Kusto;
  const { TableSymbol, DatabaseSymbol } = Language.Symbols;
  const members = Object.entries(tables).map(([name, columns]) => new TableSymbol.$ctor7(name, `(${columns})`, null));
  const globals = Language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor('workspace', members));
  return (query) => {
    const found = Language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, index) => found.getItem(index))
      .filter(({ Severity }) => Severity === 'Error' || Severity === 'Warning')
      .map(({ Message }) => Message);
  };
}
