// What the page says about results, from the numbers alone.
function wordsTools() {
  "use strict";

  const CLOSE = 0.02 - 1e-9; // below two points, another seed may turn the order round
  const CHANCE = 10; // answers of 100: about two standard errors of a difference of two such counts

  const capital = (text) => text.replace(/^./, (letter) => letter.toUpperCase());
  const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const points = (difference) => `${(100 * difference).toFixed(1)} points`;
  const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

  function name(arm) {
    if (arm === "none") return "no augmentation";
    if (arm === "live-1/2") return "live, half unchanged";
    const copies = Number(arm.replace(/\D/g, ""));
    const counted = `${copies} ${copies === 1 ? "copy" : "copies"}`;
    return arm === "live" ? "live" : arm.startsWith("originals") ? `originals + ${counted}` : counted;
  }

  // The guess, judged in a sentence. results: arm -> {shown, own, fresh}, each with accuracy.
  function judged(guess, results) {
    const order = Object.keys(results).sort((a, b) => results[a].fresh.accuracy - results[b].fresh.accuracy);
    const at = (arm) => results[arm].fresh.accuracy;
    const worst = order.filter((arm) => at(arm) === at(order[0]));
    const value = percent(at(order[0]));
    if (worst.length > 1) return `In this run ${list(worst.map(name))} tie as the worst, with ${value}.`;
    if (guess === worst[0]) return `You guessed it: in this run ${name(guess)} is the worst, with ${value}.`;
    const yours = `You guessed ${name(guess)}, which has ${percent(at(guess))} in this run`;
    if (at(guess) - at(worst[0]) < CLOSE) return `${yours}: about as bad as the worst, ${name(worst[0])} with ${value}.`;
    return `${yours}. The worst is ${name(worst[0])}, with ${value}.`;
  }

  // The best of this run, and a doubt where it is close
  function won(results) {
    const order = Object.keys(results).sort((a, b) => results[b].fresh.accuracy - results[a].fresh.accuracy);
    const at = (arm) => results[arm].fresh.accuracy;
    const close = order.slice(1).some((arm, i) => at(order[i]) - at(arm) < CLOSE);
    const note = close ? " In a single run, differences below 2 points may be chance." : "";
    return `The best is ${name(order[0])}, with ${percent(at(order[0]))}.${note}`;
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

  // Of the settings of the first screen, from the course's stored runs (tests/test_page.py)
  const TWENTY =
    "In the course's twenty runs of each, the mean accuracy on new garments is 82.3\u00a0% without augmentation, " +
    "78.5\u00a0% with 1 copy and 84.1\u00a0% live, and 1 copy is the worst in eighteen.";

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

  // A nudge over 100 new garments: on how many the answer changes. counts: arm -> number
  function turned(counts) {
    const arms = Object.keys(counts).sort((a, b) => counts[a] - counts[b]);
    const said = list(arms.map((arm) => `${name(arm)} changes ${counts[arm]}`));
    const ahead = counts[arms[1]] - counts[arms[0]];
    const end = ahead >= CHANCE ? `${capital(name(arms[0]))} changes its mind least.` : "The two lowest may differ by chance.";
    return `Of 100 answers, ${said}. ${ahead > 0 ? end : ""}`.trim();
  }

  const opening = ({ n, updates }) =>
    `A network learns from ${n} garments to tell pullovers from coats. It goes through them ` +
    `${Math.round((32 * updates) / n)} times, in one of three ways. Augmentation mirrors, shifts, turns and zooms them at random.`;

  // How a film's picture is counted in an epoch, from 1
  function seen(arm, epoch) {
    const times = `seen ${epoch === 1 ? "once" : `${epoch} times`} so far`;
    if (arm === "none") return `unchanged, ${times}`;
    if (arm === "copies-1") return `changed once, ${times}`;
    return `changed anew, ${epoch} ${epoch === 1 ? "picture" : "pictures"} so far`;
  }

  const ANSWERS = ["pullover", "coat"];
  const answer = (p) => `${ANSWERS[Number(p > 0.5)]},\u00a0${Math.round(100 * Math.max(p, 1 - p))}\u00a0%`;
  const changed = (a, b) => a > 0.5 !== b > 0.5;

  return { capital, percent, list, name, judged, won, learned, nudged, turned, opening, seen, answer, changed, TWENTY, TRAIN_ON };
}
