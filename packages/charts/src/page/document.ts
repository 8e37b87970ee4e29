import { ResnetError } from '@resnet/core';
import { Html, html } from './html.js';
import { STYLE } from './style.js';

/** A page that loads no other files and has no scripts; its policy allows none. */
export function formatDocument(title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}</main>
</body>
</html>
`;
  return page.toString();
}

/** What a page of this subject is called. */
export function titleOf(subject: Readonly<Record<string, string>>): string {
  const [first] = Object.values(subject);
  return first === undefined ? 'Evaluation' : `Evaluation of ${first}`;
}

/** @throws OPTION_INVALID unless the picture is a URL that holds an image */
export function checkPicture(of: string, picture: string): void {
  if (/^data:image\/[a-z0-9.+-]+[;,]/.test(picture)) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `The picture of ${of} must be a URL that begins with 'data:image/', found '${picture.slice(0, 40)}'.`,
  );
}
