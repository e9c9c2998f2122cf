// The import law, room by room, is the table in test/unit/architecture/rooms.ts; this file turns it into lint rules.
import tseslint from 'typescript-eslint';
import { ROOMS, isInside } from './test/unit/architecture/rooms.ts';

const CODE = ['src/**/*.ts', 'activities/**/*.ts', 'workflows/**/*.ts'];
const EVERYTHING = [
  ...CODE,
  'local/**/*.ts',
  'test/**/*.ts',
  'bench/**/*.ts',
  'examples/**/*.ts',
  'deploy/kubernetes/**/*.ts',
];
/**
 * Packages of their own, which the main one does not install: before `npm ci` there what they import has no types, and the rules that ask
 * for types see what is the house's own alone.
 */
const PACKAGES = ['deploy/azure', 'deploy/azure-devops'];

const NO_ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'process.env is read in src/config only: take the value as an argument',
};
const NO_ENVIRONMENT_IMPORT = {
  selector: "ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name='env']",
  message: 'process.env is read in src/config only: take the value as an argument',
};
const NO_CLOCK = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'no clock in this room: time is an argument',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'no clock in this room: time is an argument',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'no chance in this room: the same facts give the same answer',
  },
];

/** `test()` and its kin answer with promises that the runner itself awaits. */
const RUNNER_AWAITS = [
  { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite', 'before', 'after'] },
];

/** The restrictions of one room: specifiers that it may not name, each with the room in its message. */
function lawOf(room) {
  const folder = !room.at.endsWith('.ts');
  const says = `room "${room.name}" (${room.because})`;
  const other = ROOMS.filter((one) => one !== room && !isInside(one, room) && !isInside(room, one));
  const forbidden = other.filter((one) => !room.rooms.includes(one.name));
  const typesOnly = forbidden.filter((one) => room.types?.includes(one.name));
  const never = forbidden.filter((one) => !typesOnly.includes(one));
  // a part of a forbidden room may be allowed by its own law
  const allowed = ROOMS.filter((one) => room.rooms.includes(one.name) && never.some((whole) => isInside(one, whole)));
  const packages = room.packages.map((name) => (/[/:]$/.test(name) ? escape(name) : `${escape(name)}$`)).join('|');
  return {
    files: [folder ? `${room.at}/**/*.ts` : room.at],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(?!\\.)(?!${packages === '' ? '(?!)' : `(?:${packages})`})`,
              message: `${says} may import of packages: ${room.packages.join(', ') || 'none'}`,
            },
            ...(never.length === 0 ? [] : [{ regex: into(never, allowed), message: `${says} may not see that room` }]),
            ...(typesOnly.length === 0
              ? []
              : [{ regex: into(typesOnly), allowTypeImports: true, message: `${says} sees only types of that room` }]),
            {
              regex: into([{ at: 'local' }, { at: 'test' }, { at: 'bench' }]),
              message: `${says} is no laptop or test`,
            },
            ...(room.name === 'contract'
              ? [
                  {
                    regex: '^@temporalio/workflow$',
                    allowImportNamePattern: '^define',
                    message: `${says} takes define* of the workflow package only`,
                  },
                ]
              : []),
          ],
        },
      ],
    },
  };
}

/** Relative specifiers that lead into one of these rooms and into no exception, from whatever depth. */
function into(rooms, exceptions = []) {
  const unless = exceptions.length === 0 ? '' : `(?!${ends(exceptions)})`;
  return `^(?:\\.\\./)+${unless}(?:${ends(rooms)})`;
}

function ends(rooms) {
  return rooms
    .map((room) => {
      const short = room.at.replace(/^src\//, '');
      const path = room.at.startsWith('src/') ? `(?:src/)?${escape(short)}` : escape(short);
      return room.at.endsWith('.ts') ? `${path}$` : `${path}/`;
    })
    .join('|');
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

export default tseslint.config(
  { ignores: ['node_modules/**', '.sluice/**', '**/*.d.ts'] },
  {
    files: [...EVERYTHING, ...PACKAGES.map((folder) => `${folder}/**/*.ts`)],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: ['tsconfig.json', 'workflows/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: RUNNER_AWAITS }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-control-regex': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  ...PACKAGES.map((folder) => ({
    files: [`${folder}/**/*.ts`],
    languageOptions: { parserOptions: { project: [`${folder}/tsconfig.json`] } },
  })),
  {
    // modules of the pages: checked by their own tsconfig; text from elsewhere never becomes markup there
    files: ['src/web/assets/*.js'],
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({ property })),
      ],
    },
  },
  // what the server drew itself
  { files: ['src/web/assets/live.js'], rules: { 'no-restricted-properties': 'off' } },
  { files: CODE, rules: { 'no-console': 'error' } },
  { files: CODE, rules: { 'no-restricted-syntax': ['error', NO_ENVIRONMENT, NO_ENVIRONMENT_IMPORT] } },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['src/domain/**/*.ts', 'src/policy/**/*.ts', 'src/plan/**/*.ts', 'src/contract/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_ENVIRONMENT, NO_ENVIRONMENT_IMPORT, ...NO_CLOCK] },
  },
  ...ROOMS.map(lawOf),
);
