/**
 * Makes elements one stop of the Tab key, between which other keys move; Enter and the space bar open.
 *
 * @param targetOf the index to which a key moves; `undefined` if it does not
 * @returns shows which one is open
 */
export function moveByKeys(
  items: readonly SVGElement[],
  targetOf: (key: string, index: number) => number | undefined,
  open: (index: number) => void,
): (index: number | undefined) => void {
  let stop = 0;
  const stopAt = (index: number) => {
    items[stop]!.setAttribute('tabindex', '-1');
    items[index]!.setAttribute('tabindex', '0');
    stop = index;
  };
  for (const [index, item] of items.entries()) {
    item.setAttribute('role', 'button');
    item.setAttribute('tabindex', index === 0 ? '0' : '-1');
    item.setAttribute('aria-pressed', 'false');
    item.addEventListener('focus', () => stopAt(index));
    item.addEventListener('click', () => open(index));
    item.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const isOpening = event.key === 'Enter' || event.key === ' ';
      const target = isOpening ? undefined : targetOf(event.key, index);
      if (!isOpening && target === undefined) return;
      event.preventDefault();
      if (target === undefined) open(index);
      else items[Math.max(0, Math.min(items.length - 1, target))]!.focus();
    });
  }
  return (opened) => {
    for (const [index, item] of items.entries()) item.setAttribute('aria-pressed', String(index === opened));
    if (opened !== undefined) stopAt(opened);
  };
}
