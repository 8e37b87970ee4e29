/**
 * Makes elements one stop of the Tab key, between which other keys move; Enter and the space bar open.
 *
 * @param targetOf the place to which a key moves; `undefined` if it does not
 * @returns shows which one is open
 */
export function moveByKeys(
  items: readonly SVGElement[],
  targetOf: (key: string, place: number) => number | undefined,
  open: (place: number) => void,
): (place: number | undefined) => void {
  let stop = 0;
  const stopAt = (place: number) => {
    items[stop]!.setAttribute('tabindex', '-1');
    items[place]!.setAttribute('tabindex', '0');
    stop = place;
  };
  for (const [place, item] of items.entries()) {
    item.setAttribute('role', 'button');
    item.setAttribute('tabindex', place === 0 ? '0' : '-1');
    item.setAttribute('aria-pressed', 'false');
    item.addEventListener('focus', () => stopAt(place));
    item.addEventListener('click', () => open(place));
    item.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const isOpening = event.key === 'Enter' || event.key === ' ';
      const target = isOpening ? undefined : targetOf(event.key, place);
      if (!isOpening && target === undefined) return;
      event.preventDefault();
      if (target === undefined) open(place);
      else items[Math.max(0, Math.min(items.length - 1, target))]!.focus();
    });
  }
  return (opened) => {
    for (const [place, item] of items.entries()) item.setAttribute('aria-pressed', String(place === opened));
    if (opened !== undefined) stopAt(opened);
  };
}
