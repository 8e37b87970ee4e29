/** What the process can end with. */
export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells count. */
export const EXIT_INTERRUPTED = 130;
