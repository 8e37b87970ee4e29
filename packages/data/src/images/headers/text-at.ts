/** So many bytes as characters. @throws RangeError beyond the end */
export function textAt(view: DataView, position: number, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += String.fromCharCode(view.getUint8(position + index));
  return text;
}
