const MULTIPLY_ADD = /\bv_(?:dual_)?(?:fma|fmac|fmaak|fmamk|mad|mac)_f32|\bv_(pk)_fma_f32/g;

/**
 * The loop without loops in it that has the most multiply-adds, or all of a program that has no loop with any.
 *
 * @param {string} assembly of an AMD GPU, as Mesa prints it
 * @returns {{ multiplyAdds: number, instructions: number, around: number }} `around` counts the other instructions of the loop
 * around it, which may run less often
 */
export function hottestLoopOf(assembly) {
  const lines = assembly.split('\n').filter((line) => line.trim() !== '');
  const blocks = new Map(
    lines.flatMap((line, index) => (/^BB\d+:/.test(line) ? [[line.split(':')[0], index]] : [])),
  );
  const loops = lines.flatMap((line, end) => {
    const start = blocks.get(/^\s+s_c?branch\w* (BB\d+)/.exec(line)?.[1]);
    return start !== undefined && start <= end ? [{ start, end }] : [];
  });
  const whole = { start: 0, end: lines.length - 1 };
  const isInside = (inner, outer) => inner !== outer && inner.start >= outer.start && inner.end <= outer.end;
  const totalOf = ({ start, end }) => {
    const instructions = lines.slice(start, end + 1).filter((line) => /^\s/.test(line));
    const multiplyAdds = instructions.reduce((sum, line) => sum + multiplyAddsOf(line), 0);
    return { multiplyAdds, instructions: instructions.length };
  };
  const innermost = loops.filter((loop) => !loops.some((other) => isInside(other, loop)));
  const hottest = innermost
    .map((loop) => ({ loop, ...totalOf(loop) }))
    .filter(({ multiplyAdds }) => multiplyAdds > 0)
    .sort((a, b) => b.multiplyAdds - a.multiplyAdds)[0] ?? { loop: whole, ...totalOf(whole) };
  const outer = loops
    .filter((loop) => isInside(hottest.loop, loop))
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  return { ...hottest, around: outer ? totalOf(outer).instructions - hottest.instructions : 0 };
}

/** Packed ones are two. */
function multiplyAddsOf(line) {
  return [...line.matchAll(MULTIPLY_ADD)].reduce((sum, [, packed]) => sum + (packed ? 2 : 1), 0);
}
