/** dynalite 4 is CommonJS without types. Source: its index.js. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Folder of the LevelDB store; in memory when left out. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }
  export default function dynalite(options?: DynaliteOptions): Server;
}

/** The store below dynalite; not a dependency of ours, resolved from dynalite's place. */
declare module 'level' {
  export class Level {
    constructor(path: string);
    open(): Promise<void>;
    close(): Promise<void>;
  }
}
