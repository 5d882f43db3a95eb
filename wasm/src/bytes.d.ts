/** The module, compressed with gzip, in base64: a file that the build writes. */
export const base64: string;
