// Random numbers that a seed fixes: the same numbers give the same draws in any browser.
function randomTools() {
  "use strict";

  // A generator of numbers in [0, 1) for a few whole numbers, such as (seed, purpose, epoch): mulberry32, whose
  // state is a hash of them.
  function stream(...numbers) {
    let state = 0x9e3779b9;
    for (const number of numbers) state = mix(state ^ mix(number + 0x7f4a7c15));
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      return mix(state) / 2 ** 32;
    };
  }

  function mix(value) {
    let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return (bits ^ (bits >>> 16)) >>> 0;
  }

  // 0 to n - 1 in random order (Fisher and Yates)
  function permutation(n, random) {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  return { stream, permutation };
}
