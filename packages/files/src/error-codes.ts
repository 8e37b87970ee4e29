/** The codes that this package adds to those of errors. */
export type FilesErrorCode =
  | 'DOWNLOAD_FAILED'
  | 'DOWNLOAD_FORBIDDEN'
  | 'FILE_BUSY'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<FilesErrorCode, true> {}
}
