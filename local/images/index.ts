/** Builders of images and artifacts for tests and the demonstration: seeded, so that equal calls give equal bytes. */
export * from './artifact';
export * from './content';
export * from './image';
export * from './multi';
export * from './push';
export * from './seeded';
