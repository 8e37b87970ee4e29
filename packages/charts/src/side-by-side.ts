/** Between two drawings, in pixels. */
const GAP = 24;

/**
 * Puts drawings side by side, in their own sizes.
 *
 * @param drawings SVG documents as `drawChart` returns them
 * @returns an SVG document
 */
export function sideBySide(drawings: readonly string[]): string {
  const sizes = drawings.map(sizeOf);
  const placed = drawings.map((drawing, index) => {
    const left = sizes.slice(0, index).reduce((sum, { width }) => sum + width + GAP, 0);
    return withUniqueIds(drawing, index).replace('<svg ', `<svg x="${left}" y="0" `).trimEnd();
  });
  const width = sizes.reduce((sum, size) => sum + size.width, GAP * (sizes.length - 1));
  const height = Math.max(...sizes.map((size) => size.height));
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const background = `<rect width="${width}" height="${height}" fill="white"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${background}${placed.join('')}</svg>\n`;
}

function sizeOf(drawing: string): { width: number; height: number } {
  const [, width, height] = /^<svg [^>]*\bwidth="([\d.]+)" height="([\d.]+)"/.exec(drawing)!;
  return { width: Number(width), height: Number(height) };
}

/** All drawings have the same ids; within one document ids must differ. */
function withUniqueIds(drawing: string, index: number): string {
  return drawing.replaceAll(/( id="| href="#|url\(#)/g, `$1drawing${index}-`);
}
