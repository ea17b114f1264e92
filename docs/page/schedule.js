// What a method shows when, as helpers/methods.py has it: version 0 of an image is the original, version 1 + v the copy
// that draw v makes. Static augmentation is a live run whose clock wraps.
function scheduleTools(random) {
  "use strict";

  // Names as in the course's tables: none, copies-4, originals+2, live, live-1/2.
  function parse(method) {
    const found = /^(?:(none|live)|(copies-|originals\+)([1-9]\d?)|live-(1)\/([2-9]))$/.exec(method);
    if (!found) throw new Error(`unknown method ${method}`);
    if (found[2]) return { kind: found[2].slice(0, -1), copies: Number(found[3]), share: 1 };
    return { kind: found[1] || "live", copies: null, share: found[4] ? found[4] / found[5] : 1 };
  }

  // Which version an image shows in an epoch, counted from 0. start is the image's place on the clock, chance a number
  // in [0, 1) of this image and epoch.
  function version({ kind, copies, share }, epoch, start, chance) {
    if (kind === "none") return 0;
    if (kind === "copies") return 1 + (epoch % copies);
    if (kind === "originals") return (epoch + start) % (copies + 1);
    return chance < share ? 1 + epoch : 0;
  }

  // All pictures of an epoch in their order, which all methods of a seed share.
  function epochOf(method, n, epoch, seed) {
    const rules = parse(method);
    const sources = random.permutation(n, random.stream(seed, 1, epoch));
    const starts = random.permutation(n, random.stream(seed, 2));
    const chance = random.stream(seed, 3, epoch);
    const versions = [];
    for (const source of sources) versions.push(version(rules, epoch, starts[source], chance()));
    return { sources, versions };
  }

  // The numbers that make a version of an image: the same whenever and by whichever method it is shown.
  const drawOf = (seed, source, version) => random.stream(seed, 4, source, version);

  return { parse, version, epochOf, drawOf };
}
