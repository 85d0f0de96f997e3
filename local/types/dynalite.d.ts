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

/** The store of dynalite; not our own dependency, so it is resolved from dynalite's folder. */
declare module 'level' {
  export class Level {
    constructor(path: string);
    open(): Promise<void>;
    close(): Promise<void>;
  }
}
