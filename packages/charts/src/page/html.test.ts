import { describe, expect, it } from 'vitest';
import { Html, html } from './html.js';

const text = (page: Html) => page.toString();

describe('html', () => {
  it('escapes what is put in, in text and in quotes', () => {
    const hostile = `<script>alert("1")</script> & ' onload='x`;
    const escaped = '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; &#39; onload=&#39;x';
    expect(text(html`<b title="${hostile}">${hostile}</b>`)).toBe(`<b title="${escaped}">${escaped}</b>`);
  });

  it('takes HTML, lists of it and numbers as they are', () => {
    const cells = ['a', '<', 3].map((cell) => html`<td>${cell}</td>`);
    expect(text(html`<tr>${cells}${[]}</tr>`)).toBe('<tr><td>a</td><td>&#60;</td><td>3</td></tr>');
    expect(text(html`${new Html('<hr>')}${html`<b>&</b>`}${['<', ['>']]}`)).toBe('<hr><b>&</b>&#60;&#62;');
  });

  it('does not take an object for HTML because it looks like it', () => {
    const posing = { toString: () => '<script>', map: () => ['<script>'] } as unknown as string;
    expect(text(html`${posing}`)).not.toContain('<script>');
  });

  it('replaces what no document can hold', () => {
    const broken = 'a\u0000b\u001bc\u0085d\ud800e\uffff \t\n😀';
    expect(text(html`${broken}`)).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffd \t\n😀');
  });
});
