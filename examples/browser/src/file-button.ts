import { element } from './dom.js';

/** A button that asks for a file: an input, and the label by which it is seen. @param id of the input */
export function fileButton(
  { id, accept, text }: { id: string; accept: string; text: string },
  onFile: (file: File) => void,
): readonly [HTMLInputElement, HTMLLabelElement] {
  const input = element('input', {
    ...{ type: 'file', class: 'file', id, accept },
    onchange: () => {
      const [file] = input.files!;
      // So that the same file can be chosen again.
      input.value = '';
      if (file) onFile(file);
    },
  });
  return [input, element('label', { for: id, class: 'button' }, text)];
}
