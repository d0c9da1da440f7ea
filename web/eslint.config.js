import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "dist-mock", "node_modules", "src/shared/api/schema.gen.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in labels and URLs read well in templates; everything else still has to be turned into text on purpose.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => navigate(x)` as an event handler is the usual React form.
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "max-lines": ["error", { max: 300, skipBlankLines: false }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    plugins: { "react-hooks": reactHooks, "jsx-a11y": jsxA11y },
    languageOptions: { globals: globals.browser },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...jsxA11y.flatConfigs.strict.rules,
      // A dialog or a log-in form that opens for typing takes the focus; only bare DOM elements may not.
      "jsx-a11y/no-autofocus": ["error", { ignoreNonDOM: true }],
      // Tables whose rows can be walked with the arrow keys are grids.
      "jsx-a11y/no-noninteractive-element-to-interactive-role": ["error", { table: ["grid"], tr: ["row"], ul: ["listbox", "tree"], li: ["option", "treeitem"] }],
      "max-lines": ["error", { max: 250, skipBlankLines: false }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { project: "./tsconfig.app.json" } },
      "boundaries/elements": [
        { type: "app", pattern: "src/app/**", mode: "full" },
        { type: "feature", pattern: "src/features/*/**", mode: "full", capture: ["room"] },
        { type: "shared", pattern: "src/shared/**", mode: "full" },
      ],
    },
    rules: {
      "boundaries/element-types": [
        "error",
        {
          default: "disallow",
          rules: [
            { from: "app", allow: ["app", "feature", "shared"] },
            { from: "feature", allow: ["shared", ["feature", { room: "${from.room}" }]] },
            { from: "shared", allow: ["shared"] },
          ],
        },
      ],
    },
  },
  { files: ["*.js"], ...tseslint.configs.disableTypeChecked, languageOptions: { globals: globals.node } },
);
