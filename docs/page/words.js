// What the page says about results, from the numbers alone.
function wordsTools() {
  "use strict";

  const CLOSE = 0.02 - 1e-9; // below two points, another seed may turn the order round
  const CHANCE = 0.04; // of 500 answers: about two standard errors of a difference of two such shares

  const capital = (text) => text.replace(/^./, (letter) => letter.toUpperCase());
  const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

  function name(arm) {
    if (arm === "none") return "no augmentation";
    if (arm === "live-1/2") return "live, half unchanged";
    const copies = Number(arm.replace(/\D/g, ""));
    const counted = `${copies} ${copies === 1 ? "copy" : "copies"}`;
    return arm === "live" ? "live" : arm.startsWith("originals") ? `originals + ${counted}` : counted;
  }

  // The guess, and what this run says of it. results: arm -> {shown, own, fresh}, each with accuracy.
  function verdict(guess, results) {
    const at = (arm) => results[arm].fresh.accuracy;
    const order = Object.keys(results).sort((a, b) => at(a) - at(b));
    const near = ([first, ...others]) => others.filter((arm) => Math.abs(at(arm) - at(first)) < CLOSE);
    const doubt = (arms) => (arms.length ? `, within chance of ${list(arms.map(name))} (less than 2 points apart)` : "");
    const end = (arms, word) => `${capital(name(arms[0]))} is ${word} with ${percent(at(arms[0]))}${doubt(near(arms))}.`;
    const right = guess === order[0] && near(order).length === 0;
    const guessed = right ? "You guessed it." : `You guessed ${name(guess)}.`;
    return `${guessed} ${end(order, "worst")} ${end([...order].reverse(), "best")}`;
  }

  // What a network took from its pictures; the numbers stand in the table.
  function learned(arm, { shown, own }) {
    const as = own.accuracy >= shown.accuracy - CLOSE;
    if (/^copies-/.test(arm) && !as) {
      return `${capital(name(arm))} knows its stored pictures better than their originals: it learnt the pictures.`;
    }
    if (arm === "live" && as) return "Live was shown no original, yet knows them as well: it learnt to ignore the change.";
    return "";
  }

  // From the course's stored runs of the first screen's settings; the mirror's are trained for 3,000 updates.
  const TWENTY_RUNS = {
    accuracy:
      "In the course's twenty runs of each, the mean accuracy on new garments is 82.3\u00a0% without augmentation, " +
      "78.5\u00a0% with 1 copy and 84.1\u00a0% live. 1 copy is worst in eighteen.",
    mirror:
      "One run may differ from many. In twenty longer runs of each, a mirror changes 11.5\u00a0% of the answers " +
      "without augmentation, 12.1\u00a0% with 1 copy and 2.0\u00a0% live.",
  };

  const TRAIN_ON =
    "With 512 garments, train longer: in the course's twenty runs live is behind no augmentation by 0.4 points after " +
    "1,000 updates, and ahead by 1.4 points after 3,000.";

  // A nudge in words
  function nudged({ right, down, turn, mirror }) {
    const pixels = (n) => `${Math.abs(n)} ${Math.abs(n) === 1 ? "pixel" : "pixels"}`;
    const parts = [mirror ? "mirrored" : "", right ? `moved ${pixels(right)} to the ${right > 0 ? "right" : "left"}` : ""];
    parts.push(down ? `moved ${pixels(down)} ${down > 0 ? "down" : "up"}` : "");
    parts.push(turn ? `turned by ${Math.abs(turn)}° ${turn > 0 ? "" : "anti"}clockwise` : "");
    return list(parts.filter(Boolean)) || "as it is";
  }

  // Who changes its mind least. shares: arm -> share of the answers that a nudge changes
  function least(shares) {
    const [first, second] = Object.keys(shares).sort((a, b) => shares[a] - shares[b]);
    if (shares[second] - shares[first] >= CHANCE) return `${capital(name(first))} changes its mind least.`;
    return "The two that change their minds least are within chance of each other (less than 4 points).";
  }

  const opening = ({ n, updates }) =>
    `A network learns pullovers and coats from ${n} garments, each shown ${Math.round((32 * updates) / n)} times. ` +
    "Augmentation mirrors, shifts, turns and zooms at random. The films show one pullover.";

  // How a film's picture is counted in an epoch, from 1
  function seen(arm, epoch) {
    const times = epoch === 1 ? "once" : `${epoch} times`;
    if (arm === "none") return `the original, ${times}`;
    if (arm === "copies-1") return `changed once, shown ${times}`;
    return `changed anew, ${epoch} ${epoch === 1 ? "picture" : "pictures"}`;
  }

  const ANSWERS = ["pullover", "coat"];
  const answer = (p) => `${ANSWERS[Number(p > 0.5)]}, ${Math.round(100 * Math.max(p, 1 - p))}\u00a0%`;
  const changed = (a, b) => a > 0.5 !== b > 0.5;

  return { capital, percent, list, name, verdict, learned, nudged, least, opening, seen, answer, changed, TWENTY_RUNS, TRAIN_ON };
}
