/**
 * Milliseconds for which a connection is kept that nobody uses. Node's five seconds would end connections that a busy machine is
 * about to use again; AWS keeps them longer.
 */
export const KEPT = 60_000;
