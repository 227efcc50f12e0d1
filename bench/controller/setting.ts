/** The environment variable that tells the app the controller's timeout, in seconds. @default - as the construct has it */
export const TIMEOUT = 'BENCH_CONTROLLER_TIMEOUT';
