// How the page is built: into dist/dashboard, with hashed names, as the function `dashboard` serves them.
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "/api/dashboard/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: resolve(import.meta.dirname, "../../dist/dashboard"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    // A data: address of a script or style is what the page's policy refuses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  logLevel: "warn",
});
