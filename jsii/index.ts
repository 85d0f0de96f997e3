export * from './attributes';
export * from './events';
export * from './metrics';
export * from './props';
export * from './qure-dropoff';
