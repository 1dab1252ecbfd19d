/**
 * Lint rules. Formatting belongs to prettier, the structure of the tree (imports, sizes, names) to
 * `test/tidy.test.ts`; here is what needs the type checker or the syntax tree of one file.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Strict everywhere; each exception below says why it is one. */
const typescriptRules = {
  // The compiler does these two, with types.
  'no-undef': 'off',
  'no-unused-vars': 'off',
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
  ],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  // noUncheckedIndexedAccess is off (typed-array reads would all need `!`), so the checker believes that every index
  // exists: the `=== undefined` after a Map-like array access would be called unnecessary when it is not.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // Used right after the range was asserted; the alternative is a second branch in a hot loop.
  '@typescript-eslint/no-non-null-assertion': 'off',
  // An async signature may be demanded by an interface.
  '@typescript-eslint/require-await': 'off',
};

/** What the compiler does not catch in plain JavaScript, and habits that hide mistakes in either language. */
const plainRules = {
  'no-undef': 'error',
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
  'no-redeclare': 'error',
  'no-dupe-keys': 'error',
  'no-unreachable': 'error',
  'no-fallthrough': 'error',
  'no-cond-assign': 'error',
  'no-unsafe-finally': 'error',
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-constant-binary-expression': 'error',
  'no-loss-of-precision': 'error',
  'no-sparse-arrays': 'error',
  'no-useless-escape': 'error',
  'use-isnan': 'error',
  'valid-typeof': 'error',
  'require-yield': 'error',
  eqeqeq: ['error', 'always'],
  'prefer-const': ['error', { destructuring: 'all' }],
  'no-var': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-empty': ['error', { allowEmptyCatch: false }],
  'default-case-last': 'error',
};

/** What plain JavaScript may use of Node without importing it; in TypeScript the compiler knows. */
const nodeGlobals = Object.fromEntries(
  [
    ...['process', 'console', 'performance', 'Buffer', 'URL', 'TextEncoder', 'TextDecoder', 'WebAssembly'],
    ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'queueMicrotask'],
    ...['AbortController', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '**/node_modules/', 'fixtures/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: plainRules },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: typescriptRules,
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'no-console': 'error',
      // A control character in a pattern is meant rarely enough to say so where it stands.
      'no-control-regex': 'error',
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use const constants or a union.' }],
    },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx', 'bench/**/*.ts'],
    rules: {
      // Broken input is made on purpose, and matchers hand out `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.mjs', '*.js', 'bench/**/*.js'],
    languageOptions: { globals: nodeGlobals },
  },
  {
    // Read by whatever Node the user has: ES5 and CommonJS, so that an old one reaches the version message.
    files: ['bin/*.js'],
    languageOptions: {
      ecmaVersion: 5,
      sourceType: 'commonjs',
      globals: { process: 'readonly', require: 'readonly', module: 'readonly', __dirname: 'readonly' },
    },
    rules: { 'no-var': 'off', 'prefer-const': 'off' },
  },
  // The one line of the launcher that is newer than ES5: it is loaded after the version check.
  { files: ['bin/launch.js'], languageOptions: { ecmaVersion: 2020 } },
);
