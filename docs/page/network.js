// The small network of the course (helpers/model.py) and its training step, held against Keras in tests/test_page.py:
// 32 filters of 3 x 3, ReLU, the maximum of each 2 x 2, one sigmoid unit; cross-entropy; Adam. 5,729 weights.
function networkTools() {
  "use strict";

  const SIDE = 28;
  const FILTERS = 32;
  const POOLED = 13; // side after 3 x 3 (26) and pooling
  const UNITS = POOLED * POOLED * FILTERS;
  // Where each part begins in the one array of weights; the order within a part is that of Keras.
  const KERNEL = 0;
  const BIAS = 9 * FILTERS;
  const DENSE = BIAS + FILTERS;
  const LAST = DENSE + UNITS;
  const SIZE = LAST + 1;

  // Glorot uniform, as Keras draws weights by default; biases are 0.
  function initialWeights(random) {
    const weights = new Float32Array(SIZE);
    const kernel = Math.sqrt(6 / (9 + 9 * FILTERS));
    const dense = Math.sqrt(6 / (UNITS + 1));
    for (let i = KERNEL; i < BIAS; i++) weights[i] = (2 * random() - 1) * kernel;
    for (let i = DENSE; i < LAST; i++) weights[i] = (2 * random() - 1) * dense;
    return weights;
  }

  // What an image leaves behind on its way forward: the pooled values, and which of four each maximum came from.
  const memory = () => ({ pooled: new Float32Array(UNITS), winner: new Uint8Array(UNITS) });

  // The logit of image `number`; fills memory.
  function forward(weights, images, number, { pooled, winner }) {
    const from = number * SIDE * SIDE;
    let logit = weights[LAST];
    for (let row = 0, unit = 0; row < POOLED; row++) {
      let p = from + 2 * row * SIDE;
      for (let column = 0; column < POOLED; column++, p += 2) {
        const q = p + SIDE;
        const r = q + SIDE;
        const s = r + SIDE;
        const p0 = images[p], p1 = images[p + 1], p2 = images[p + 2], p3 = images[p + 3]; // prettier-ignore
        const q0 = images[q], q1 = images[q + 1], q2 = images[q + 2], q3 = images[q + 3]; // prettier-ignore
        const r0 = images[r], r1 = images[r + 1], r2 = images[r + 2], r3 = images[r + 3]; // prettier-ignore
        const s0 = images[s], s1 = images[s + 1], s2 = images[s + 2], s3 = images[s + 3]; // prettier-ignore
        for (let f = 0; f < FILTERS; f++, unit++) {
          const a = weights[f], b = weights[FILTERS + f], c = weights[2 * FILTERS + f];
          const d = weights[3 * FILTERS + f], e = weights[4 * FILTERS + f], g = weights[5 * FILTERS + f];
          const h = weights[6 * FILTERS + f], i = weights[7 * FILTERS + f], j = weights[8 * FILTERS + f];
          let best = a * p0 + b * p1 + c * p2 + d * q0 + e * q1 + g * q2 + h * r0 + i * r1 + j * r2;
          let which = 0;
          let other = a * p1 + b * p2 + c * p3 + d * q1 + e * q2 + g * q3 + h * r1 + i * r2 + j * r3;
          if (other > best) (best = other), (which = 1);
          other = a * q0 + b * q1 + c * q2 + d * r0 + e * r1 + g * r2 + h * s0 + i * s1 + j * s2;
          if (other > best) (best = other), (which = 2);
          other = a * q1 + b * q2 + c * q3 + d * r1 + e * r2 + g * r3 + h * s1 + i * s2 + j * s3;
          if (other > best) (best = other), (which = 3);
          best += weights[BIAS + f];
          pooled[unit] = best > 0 ? best : 0;
          winner[unit] = which;
          if (best > 0) logit += best * weights[DENSE + unit];
        }
      }
    }
    return logit;
  }

  // Adds the gradient of one image to `gradient`; slope is the loss's derivative by the logit.
  function backward(weights, images, number, { pooled, winner }, slope, gradient) {
    const from = number * SIDE * SIDE;
    gradient[LAST] += slope;
    for (let place = 0, unit = 0; place < POOLED * POOLED; place++) {
      const row = Math.floor(place / POOLED);
      const corner = from + 2 * row * SIDE + 2 * (place - row * POOLED);
      for (let f = 0; f < FILTERS; f++, unit++) {
        if (pooled[unit] === 0) continue; // the ReLU lets nothing through
        gradient[DENSE + unit] += slope * pooled[unit];
        const back = slope * weights[DENSE + unit];
        const p = corner + (winner[unit] >> 1) * SIDE + (winner[unit] & 1);
        gradient[BIAS + f] += back;
        gradient[f] += back * images[p];
        gradient[FILTERS + f] += back * images[p + 1];
        gradient[2 * FILTERS + f] += back * images[p + 2];
        gradient[3 * FILTERS + f] += back * images[p + SIDE];
        gradient[4 * FILTERS + f] += back * images[p + SIDE + 1];
        gradient[5 * FILTERS + f] += back * images[p + SIDE + 2];
        gradient[6 * FILTERS + f] += back * images[p + 2 * SIDE];
        gradient[7 * FILTERS + f] += back * images[p + 2 * SIDE + 1];
        gradient[8 * FILTERS + f] += back * images[p + 2 * SIDE + 2];
      }
    }
  }

  const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));

  // Cross-entropy of a logit, without overflow
  const lossOf = (logit, label) => Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));

  // Mean loss of a batch and its gradient, written into `gradient`
  function lossAndGradient(weights, images, labels, kept, gradient) {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < labels.length; i++) {
      const logit = forward(weights, images, i, kept);
      loss += lossOf(logit, labels[i]) / labels.length;
      backward(weights, images, i, kept, (sigmoid(logit) - labels[i]) / labels.length, gradient);
    }
    return loss;
  }

  // A network with its optimiser: Adam as in Keras, with its defaults.
  function trainer(weights) {
    const kept = memory();
    const gradient = new Float64Array(SIZE);
    const mean = new Float64Array(SIZE);
    const square = new Float64Array(SIZE);
    let step = 0;

    function update(images, labels) {
      const loss = lossAndGradient(weights, images, labels, kept, gradient);
      step += 1;
      const rate = (0.001 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      for (let i = 0; i < SIZE; i++) {
        mean[i] += (gradient[i] - mean[i]) * 0.1;
        square[i] += (gradient[i] * gradient[i] - square[i]) * 0.001;
        weights[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) + 1e-7);
      }
      return loss;
    }

    // Logits of the first `count` images
    const logits = (images, count) => Array.from({ length: count }, (_, i) => forward(weights, images, i, kept));

    return { weights, update, logits };
  }

  return { initialWeights, lossOf, sigmoid, trainer };
}
