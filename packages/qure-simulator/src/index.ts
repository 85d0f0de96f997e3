export { makeAsset } from './assets/simulated-asset.ts';
export { parseFaultArgument } from './fault-argument.ts';
export { type FaultRule, type QureSimulator, startQureSimulator } from './qure-simulator.ts';
