// What the page says about results, from the numbers alone.
function wordsTools() {
  "use strict";

  const CLOSE = 0.02 - 1e-9; // below two points, another seed may turn the order round
  const CHANCE = 0.04; // of 500 answers: about two standard errors of a difference of two such shares

  const capital = (text) => text.replace(/^./, (letter) => letter.toUpperCase());
  const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const list = (words, last = "and") =>
    words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
  const counted = (n, unit) => `${n} ${unit}${Math.abs(n) === 1 ? "" : "s"}`;

  function name(method) {
    if (method === "none") return "no augmentation";
    if (method === "live-1/2") return "live, half unchanged";
    const copies = Number(method.replace(/\D/g, ""));
    const made = `${copies} ${copies === 1 ? "copy" : "copies"}`;
    return method === "live" ? "live" : method.startsWith("originals") ? `originals + ${made}` : made;
  }

  // Which is worst in a part of the results, and any too close to it. results: method -> {shown, own, fresh}, each with
  // accuracy.
  function lowest(results, part) {
    const at = (method) => results[method][part].accuracy;
    const order = Object.keys(results).sort((a, b) => at(a) - at(b));
    return order.filter((method) => at(method) - at(order[0]) < CLOSE);
  }

  function worst(results, part) {
    const [found, count] = [lowest(results, part), Object.keys(results).length];
    const all = { 2: "both", 3: "all three" }[count] || "all";
    if (found.length === count) return `Too close to call in one run: ${all} lie within 2 points.`;
    return `${capital(list(found.map(name), "or"))} is worst${found.length > 1 ? ": they lie within 2 points" : ""}.`;
  }

  // The guess, which asks for the originals, and what this run says of it.
  function verdict(guess, results) {
    const found = lowest(results, "own");
    if (found.length === Object.keys(results).length) return worst(results, "own");
    const right = found.length === 1 ? "You guessed it." : "You may be right.";
    return `${found.includes(guess) ? right : `You guessed ${name(guess)}.`} ${worst(results, "own")}`;
  }

  // What a network took from its pictures; the numbers stand in the table.
  function learned(method, { shown, own }) {
    const as = own.accuracy >= shown.accuracy - CLOSE;
    if (/^copies-/.test(method) && !as) {
      return `${capital(name(method))} knows its stored pictures better than their originals.`;
    }
    if (method === "live" && as) return `Live was never shown an original, and is right about ${percent(own.accuracy)} of them.`;
    return "";
  }

  // From the course's stored runs of the first screen's settings; the mirror's are trained for longer.
  const TWENTY_RUNS = {
    accuracy:
      "In twenty runs of each with 1,000 updates, as here, the mean accuracy on the originals is 86.4\u00a0% with 1 copy " +
      "and 95.7\u00a0% live: 1 copy is worst in all twenty. On new garments it is 82.3\u00a0% without augmentation, " +
      "78.5\u00a0% with 1 copy and 84.1\u00a0% live: 1 copy is worst in eighteen.",
    mirror:
      "In twenty runs of each with 3,000 updates, a mirror changes 11.5\u00a0% of the answers without augmentation, " +
      "12.1\u00a0% with 1 copy and 2.0\u00a0% live.",
  };

  const TRAIN_ON =
    "With 512 garments, train this network longer: in the course's twenty runs live and no augmentation are undecided " +
    "after 1,000 updates, and live is ahead by 1.4 points after 3,000.";

  // A nudge in words
  function nudged({ right, down, turn, mirror }) {
    const pixels = (n) => counted(Math.abs(n), "pixel");
    const parts = [mirror ? "mirrored" : "", right ? `moved ${pixels(right)} to the ${right > 0 ? "right" : "left"}` : ""];
    parts.push(down ? `moved ${pixels(down)} ${down > 0 ? "down" : "up"}` : "");
    parts.push(turn ? `turned by ${Math.abs(turn)}° ${turn > 0 ? "" : "anti"}clockwise` : "");
    return list(parts.filter(Boolean)) || "as it is";
  }

  // Who changes its mind least. shares: method -> share of the answers that a nudge changes
  function least(shares) {
    const [first, second] = Object.keys(shares).sort((a, b) => shares[a] - shares[b]);
    if (shares[second] === 0) return "";
    if (shares[second] - shares[first] >= CHANCE) return `${capital(name(first))} changes its mind least.`;
    return "Who changes least is too close to call: two lie within 4 points.";
  }

  const opening = ({ n, updates }) =>
    `A network learns pullovers and coats from ${n} garments, each shown ${Math.round((32 * updates) / n)} times. ` +
    "Augmentation mirrors, shifts, turns and zooms at random. The films show one pullover.";

  const FILMS = {
    none: "the original each time",
    "copies-1": "changed once, shown each time instead of the original",
    live: "changed anew each time, instead of the original",
  };

  const ANSWERS = ["pullover", "coat"];
  // in two lines where a phone has no room
  const answer = (p) => `${ANSWERS[Number(p > 0.5)]}\n${Math.round(100 * Math.max(p, 1 - p))}\u00a0%`;
  const changed = (a, b) => a > 0.5 !== b > 0.5;

  return { capital, percent, list, counted, name, worst, verdict, learned, nudged, least, opening, answer, changed, FILMS, TWENTY_RUNS, TRAIN_ON };
}
