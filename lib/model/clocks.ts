/** Seconds that clocks may be apart: what is said of a time farther ahead was said by one that is wrong. */
export const CLOCKS_APART = 300;
