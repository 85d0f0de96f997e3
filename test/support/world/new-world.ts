import { onTestFinished } from 'vitest';
import { World, type WorldOptions } from './world.ts';

/** A world for one test, which fails when the world has something to object to at the end. */
export function newWorld(options: WorldOptions = {}): World {
  const world = new World(options);
  onTestFinished(() => world.verify());
  return world;
}
