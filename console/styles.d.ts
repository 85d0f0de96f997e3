/** esbuild makes one file of all of them. */
declare module '*.css';
