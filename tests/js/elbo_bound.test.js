// q under the hand: arithmetic in closed form, geometry, where handles stand, and whose q is drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./element_stub.js";
import { logEvidence, MODELS, termsOf } from "../../playground/concepts/elbo/static/bound_arithmetic.js";
import * as drawing from "../../playground/concepts/elbo/static/bound_drawing.js";
import { numberIn } from "../../playground/concepts/elbo/static/bound_fields.js";
import * as hands from "../../playground/concepts/elbo/static/bound_hand.js";
import { handlesOf, pixelsOf, valuesAt } from "../../playground/concepts/elbo/static/bound_handles.js";
import { shadeOf } from "../../playground/concepts/elbo/static/bound_legend.js";
import { boundAxis, roundedUp, splitBars, ticksOf, written } from "../../playground/concepts/elbo/static/bound_nats.js";

const near = (/** @type {number} */ found, /** @type {number} */ expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`);
const gaussian = (/** @type {number} */ mean, /** @type {number} */ sigma) => ({
  name: "reverse_kl",
  title: "reverse KL",
  colour: "standard",
  mean: [[mean]],
  sigma: [[sigma]],
  weight: [1],
  correlation: null,
});
const mixture = { ...gaussian(0, 1), mean: [[-1], [2]], sigma: [[0.5], [0.25]], weight: [0.25, 0.75] };
const plane = { ...gaussian(0, 1), mean: [[0.5, -1]], sigma: [[0.5, 0.25]], correlation: 0.28 };
const shown = (/** @type {any} */ arm, model = MODELS.modes) => ({ model, x: 1, arms: [arm], moves: 3, fixed: false });
const PLOT = { left: 0, right: 860, top: 0, bottom: 500 }; // 100 pixels a unit of z, 0 in the middle
const FRAME = { plot: PLOT, strip: { left: 0, right: 700, top: 520, bottom: 560 }, bar: { left: 0, right: 100, top: 4, bottom: 8 }, tallest: 2, low: -3, high: 4 }; // biome-ignore format: short

test("the terms of the linear model are those of SCIENCE.md, and its posterior has no gap", () => {
  const terms = termsOf(MODELS.linear, 1.5, gaussian(0.2, 0.6));
  near(terms.logEvidence, -1.92098, 5e-6);
  near(terms.elbo, -3.43319, 5e-6);
  near(terms.reconstruction - terms.klToPrior, terms.elbo);
  near(terms.elbo + terms.gap, terms.logEvidence);
  near(termsOf(MODELS.linear, 1.5, gaussian(2 / 3, 1 / 3)).gap, 0, 1e-12);
  near(logEvidence(MODELS.modes, 1), -1.4853, 5e-5);
});

test("a mixture of two equal Gaussians is one of them", () => {
  const twice = { ...mixture, mean: [[0.3], [0.3]], sigma: [[0.7], [0.7]] };
  near(termsOf(MODELS.modes, 1, twice).elbo, termsOf(MODELS.modes, 1, gaussian(0.3, 0.7)).elbo, 1e-9);
});

test("curves: the posterior is a density, and the likelihood is scaled to its peak", () => {
  const { posterior, likelihood, tallest } = drawing.curvesOf(MODELS.linear, 1.5, logEvidence(MODELS.linear, 1.5));
  const peak = 3 / Math.sqrt(2 * Math.PI); // of N(2/3, 1/9)
  near(Math.max(...posterior), peak, 1e-3);
  near(Math.max(...likelihood), peak, 1e-3);
  const zs = drawing.places(posterior.length);
  near(zs[posterior.indexOf(Math.max(...posterior))], 2 / 3, 0.01);
  near(zs[likelihood.indexOf(Math.max(...likelihood))], 0.75, 0.01); // x / 2
  near(tallest, 1.15 * peak, 0.01);
  const area = posterior.reduce((sum, height) => sum + height * (zs[1] - zs[0]), 0);
  near(area, 1, 1e-6);
});

test("a Gaussian inside one of two modes has room", () => {
  const { posterior, tallest } = drawing.curvesOf(MODELS.modes, 1, logEvidence(MODELS.modes, 1));
  assert.ok(tallest > 1 / (0.19 * Math.sqrt(2 * Math.PI)) && tallest < 3 * Math.max(...posterior), `${tallest}`);
});

test("q is drawn with its own peak, however narrow it is, and within the picture", () => {
  const curve = drawing.curveOfQ(gaussian(0.123, 0.05));
  near(Math.max(...curve.map(([, height]) => height)), 1 / (0.05 * Math.sqrt(2 * Math.PI)), 1e-9);
  assert.ok(curve.every(([z], i) => Math.abs(z) <= drawing.REACH && (!i || z >= curve[i - 1][0])));
  const two = new Map(drawing.curveOfQ(mixture));
  near(/** @type {number} */ (two.get(-1)), 0.25 / (0.5 * Math.sqrt(2 * Math.PI)), 1e-9); // the other one is 12 σ away
});

test("ellipses hold the covariance", () => {
  const around = drawing.ellipse(plane, 2);
  near(Math.max(...around.map(([z1]) => z1)), 0.5 + 2 * 0.5, 1e-12);
  near(Math.max(...around.map(([, z2]) => z2)), -1 + 2 * 0.25, 1e-3);
  const [[z1, z2]] = around; // furthest to the right: z₂ is ρ σ₂ for each σ₁
  near(z1, 1.5);
  near(z2, -1 + 2 * 0.28 * 0.25);
});

test("the heat map is highest on the ridge, with z₂ upwards", () => {
  const heat = drawing.heatOf(MODELS.curved, 1, 43); // cells of 0.2
  const at = heat.indexOf(1);
  const [z1, z2] = [((at % 43) + 0.5) * 0.2 - 4.3, 4.3 - (Math.floor(at / 43) + 0.5) * 0.2];
  near(z2, 1 - z1 * z1, 0.25);
  assert.ok(heat[21 + 43 * (21 - 5)] > 100 * heat[21 + 43 * (21 + 5)], "(0, 1) explains x = 1 and (0, −1) does not");
});

test("handles: a mean of 1.5 and a σ of 0.5 stand where they are drawn, and mean what they show", () => {
  const arm = gaussian(1.5, 0.5);
  const now = shown(arm);
  const [peak, flank] = ["peak0", "flank0"].map((name) => ({ name, label: "", x: { knob: "" } }));
  const height = 1 / (0.5 * Math.sqrt(2 * Math.PI)); // of 2, over 500 pixels
  const at = pixelsOf(now, FRAME, { x: 1.5, y: 0.5 }, peak);
  near(at[0], 430 + 150);
  near(at[1], 500 - 250 * height);
  const beside = pixelsOf(now, FRAME, { x: 0.5 }, flank);
  near(beside[0], 430 + 200);
  near(beside[1], 500 - 250 * height * Math.exp(-0.5));
  const back = valuesAt(now, FRAME, at, peak);
  near(Number(back.x), 1.5);
  near(Number(back.y), 0.5);
  near(Number(valuesAt(now, FRAME, beside, flank).x), 0.5);
  const moved = valuesAt(now, FRAME, [430 - 100, 500 - 250 / Math.sqrt(2 * Math.PI)], peak);
  near(Number(moved.x), -1);
  near(Number(moved.y), 1);
});

test("a peak above the picture stands at its edge, and says nothing of σ there", () => {
  const now = shown(gaussian(0, 0.05));
  const peak = { name: "peak0", label: "", x: { knob: "" } };
  assert.deepEqual(pixelsOf(now, FRAME, { x: 0, y: 0.05 }, peak), [430, 0]);
  const { x, y } = valuesAt(now, FRAME, [480, 0], peak);
  near(Number(x), 0.5);
  assert.equal(y, undefined);
});

test("the second Gaussian's handles are those of its own mean, σ and weight", () => {
  const now = shown(mixture);
  const peak = { name: "peak1", label: "", x: { knob: "" } };
  const at = pixelsOf(now, FRAME, { x: 2, y: 0.25 }, peak);
  near(at[0], 630);
  near(at[1], Math.max(0, 500 - (250 * 0.75) / (0.25 * Math.sqrt(2 * Math.PI))));
  near(Number(valuesAt(now, FRAME, at, peak).y), 0.25);
  const weight = { name: "weight", label: "", x: { knob: "" } };
  assert.deepEqual(pixelsOf(now, FRAME, { x: 0.25 }, weight), [25, 6]);
  near(Number(valuesAt(now, FRAME, [80, 6], weight).x), 0.8);
  const names = handlesOf(now, (key) => key).map(({ name }) => name);
  assert.deepEqual(names, ["x", "weight", "flank0", "peak0", "flank1", "peak1"]);
  const knobs = handlesOf(now, (key) => key).map(({ x, y }) => [x, y].map((one) => one && "knob" in one && one.knob));
  assert.deepEqual(knobs.slice(2), [["sigma", undefined], ["mean", "sigma"], ["sigma2", undefined], ["mean2", "sigma2"]]); // biome-ignore format: pairs
});

test("x stands on its own strip, and is all that can be moved of a fixed q", () => {
  const x = { name: "x", label: "", x: { knob: "x" } };
  const at = pixelsOf(shown(gaussian(0, 1)), FRAME, { x: 1.5 }, x);
  near(at[0], 450);
  assert.equal(at[1], 560);
  near(Number(valuesAt(shown(gaussian(0, 1)), FRAME, [100, 0], x).x), -2);
  assert.deepEqual(handlesOf({ ...shown(gaussian(0, 1)), fixed: true }, (key) => key).map(({ name }) => name), ["x"]); // biome-ignore format: short
});

test("in the plane each handle means its own number", () => {
  const square = { ...FRAME, plot: { left: 0, right: 860, top: 0, bottom: 860 } };
  const now = shown(plane, MODELS.curved);
  /** @type {[string, any, any][]} */
  const cases = [
    ["middle", { x: 0.5, y: -1 }, [480, 530]],
    ["right", { x: 0.5 }, [580, 530]],
    ["top", { y: 0.25 }, [480, 480]],
    ["correlation", { x: 0.28 }, [560, 490]], // √((1 + 0.28) / 2) is 0.8, of 2σ
  ];
  for (const [name, values, pixels] of cases) {
    const about = { name, label: "" };
    const at = pixelsOf(now, square, values, about);
    near(at[0], pixels[0], 1e-6);
    near(at[1], pixels[1], 1e-6);
    for (const [axis, found] of Object.entries(valuesAt(now, square, at, about))) near(found, values[axis], 1e-9);
  }
  near(Number(valuesAt(now, square, [480, 530], { name: "correlation", label: "" }).x), -1);
  const names = (/** @type {any} */ arm) => handlesOf(shown(arm, MODELS.curved), (key) => key).map(({ name }) => name);
  assert.deepEqual(names(plane), ["x", "right", "top", "middle", "correlation"]);
  assert.deepEqual(names({ ...plane, correlation: null }), ["x", "right", "top", "middle"]);
});

test("log p(x) stays where it is, whatever the ELBO is, which stands below it", () => {
  for (const elbo of [-1.6, -2, -30, -1e5]) {
    const axis = boundAxis(-1.5, [elbo, -1.5], 354); // 300 pixels for the span
    assert.equal(axis.evidence, 34);
    near(axis.elbos[0], 34 + (300 * (-1.5 - elbo)) / axis.span, 1e-6);
    assert.equal(axis.elbos[1], 34);
    assert.ok(axis.elbos[0] > 34 && axis.elbos[0] < 334);
    assert.ok(axis.ticks.length >= 2 && axis.ticks.every(({ at, value }) => Math.abs(at - 34 - (300 * (-1.5 - value)) / axis.span) < 1e-6)); // biome-ignore format: short
  }
  assert.equal(boundAxis(-1.5, [-2.03], 354).span, 1);
  near(boundAxis(-1.5, [Number.NEGATIVE_INFINITY], 354).elbos[0], 334);
});

test("the signed parts add up to the ELBO", () => {
  const { zero, bars } = splitBars({ reconstruction: -1.5, klToPrior: 0.5, elbo: -2 }, 200);
  assert.deepEqual([zero, ...bars.map(({ from, to }) => [from, to])], [200, [200, 50], [50, 0], [200, 0]]);
  const positive = splitBars({ reconstruction: 0.5, klToPrior: 1, elbo: -0.5 }, 200);
  assert.deepEqual([positive.zero, ...positive.bars.map(({ from, to }) => [from, to])], [100, [100, 200], [200, 0], [100, 0]]); // biome-ignore format: short
});

test("numbers are round on axes, and written with a minus sign", () => {
  assert.deepEqual([0.53, 1.01, 2, 4, 7, 11, 0].map((size) => roundedUp(size, 0.2)), [1, 2, 2, 5, 10, 20, 0.2]); // biome-ignore format: short
  assert.deepEqual(ticksOf(-2.5, -1.5, 4), [-2.5, -2, -1.5]);
  assert.deepEqual([-1.92098, 0.53, 0.00412, -0.00001, 12.345, -3430.3, Number.POSITIVE_INFINITY].map(written), ["−1.921", "0.530", "0.0041", "0.0000", "12.3", "−3430", "∞"]); // biome-ignore format: short
});

test("the hand's q is drawn until a figure has its moves", () => {
  const figure = shown(gaussian(0, 1));
  const hand = { q: { mean: 2, sigma: 0.5 }, moves: 5, x: 3 };
  const now = hands.withHand(figure, hand);
  assert.deepEqual([now.arms[0].mean, now.arms[0].sigma, now.x], [[[2]], [[0.5]], 3]);
  const free = { q: false, x: false };
  assert.deepEqual(hands.caughtUp(hand, { moves: 4, x: 1 }, free), hand);
  assert.deepEqual(hands.caughtUp(hand, { moves: 5, x: 1 }, free), { ...hand, q: null });
  assert.deepEqual(hands.caughtUp(hand, { moves: 4, x: 3 }, free), { ...hand, x: null });
  assert.deepEqual(hands.caughtUp(hand, { moves: 9, x: 3 }, { q: true, x: true }), hand, "and while it is held");
  assert.equal(hands.overruled(hand, { moves: 0, x: 1 }).q, null);
  assert.deepEqual(hands.overruled(hand, { moves: 5, x: 3 }), hand);
  const untold = { ...hand, moves: Number.POSITIVE_INFINITY };
  assert.equal(hands.overruled(untold, { moves: 4, x: 3 }).q, hand.q);
});

test("knobs and q are the same numbers in every family", () => {
  for (const q of [gaussian(1.5, 0.5), mixture, plane, { ...plane, correlation: null }]) {
    const { mean, sigma, weight, correlation } = q;
    assert.deepEqual(hands.qOf(hands.knobsOf(q), q), { mean, sigma, weight, correlation });
  }
  assert.deepEqual(hands.knobsOf(mixture), { mean: -1, sigma: 0.5, mean2: 2, sigma2: 0.25, weight: 0.25 });
  assert.deepEqual(hands.knobsOf(plane), { mean: 0.5, sigma: 0.5, mean2: -1, sigma2: 0.25, correlation: 0.28 });
});

test("before a run the q of the knobs is shown", () => {
  const knobs = {
    model: "curved",
    covariance: "full",
    family: "two-gaussians",
    x: 2,
    moves: 0,
    ...hands.knobsOf(plane),
  };
  const asked = hands.askedFor(knobs);
  assert.deepEqual([asked?.model, asked?.x, asked?.arms[0].mean, asked?.arms[0].correlation], [MODELS.curved, 2, [[0.5, -1]], 0.28]); // biome-ignore format: short
  assert.equal(hands.askedFor({ ...knobs, covariance: "mean-field" })?.arms[0].correlation, null);
  assert.equal(hands.askedFor({ ...knobs, model: "modes", weight: 0.3 })?.arms[0].mean.length, 2);
  assert.equal(hands.askedFor({ ...knobs, model: "modes", family: "gaussian" })?.arms[0].mean.length, 1);
  assert.equal(hands.askedFor({ ...knobs, model: "mixture" }), null);
});

test("q begins as the knobs say before the first move; a trained q is brought within the knobs' bounds", () => {
  const knobs = { mean: -0.3, sigma: 0.5, mean2: 1, sigma2: 0.5, weight: 0.5, correlation: 0 };
  assert.equal(hands.startOf({ ...knobs, moves: 0 }, () => 9).mean, -0.3);
  assert.equal(hands.startOf({ ...knobs, moves: 2 }, () => 9).mean, 9);
  assert.deepEqual(hands.withinBounds({ sigma: 0.01, mean: 1 }, () => ({ low: 0.05, high: 3 })), { sigma: 0.05, mean: 1 }); // biome-ignore format: short
});

test("the chosen arm comes first, and all of them keep their order", () => {
  const arms = ["a", "b", "c"].map((name) => ({ ...gaussian(0, 1), name }));
  const { arms: found } = hands.chosenFirst({ ...shown(arms[0]), arms }, 1);
  assert.deepEqual([found, hands.inOrder(found)].map((some) => some.map(({ name }) => name)), [["b", "a", "c"], ["a", "b", "c"]]); // biome-ignore format: short
});

test("typed texts are numbers within the bounds, or none", () => {
  const bounds = { low: -4, high: 4 };
  const found = ["1.5", "−2", " 0,25 ", "5", "-4.01", "", "two", "NaN", "4"].map((text) => numberIn(text, bounds));
  assert.deepEqual(found, [1.5, -2, 0.25, null, null, null, null, null, 4]);
});

test("shades of the heat map lie between the stops of the palette", () => {
  const stops = /** @type {[number, string][]} */ ([[0, "#000000"], [0.5, "#640a00"], [1, "#ffc8fa"]]); // biome-ignore format: pairs
  assert.deepEqual([shadeOf(stops, 0), shadeOf(stops, 0.25), shadeOf(stops, 1)], [[0, 0, 0], [50, 5, 0], [255, 200, 250]]); // biome-ignore format: short
});

test("a hand that holds the q of another family moves nothing", () => {
  const plane = { mean: [[0.5, 0.25]], sigma: [[1, 2]], weight: [1], correlation: 0.5 };
  const line = { mean: [[0.5]], sigma: [[1]], weight: [1], correlation: null };
  const ofLine = { mean: 3, sigma: 0.5 };
  assert.ok(hands.fits(ofLine, line));
  assert.ok(!hands.fits(ofLine, plane));
  assert.ok(!hands.fits({ ...ofLine, mean2: 1, sigma2: 1, correlation: Number.NaN }, plane));
  const arm = { name: "reverse_kl", title: "", colour: "standard", ...plane };
  const shown = { model: { a: 1, b: 0, s: 0.3, size: 2 }, x: 1, arms: [arm], moves: 0, fixed: false };
  const now = hands.withHand(shown, { q: ofLine, moves: Number.POSITIVE_INFINITY, x: null });
  assert.deepEqual(now.arms[0].mean, [[0.5, 0.25]]);
});

test("log p(x) stands where it is, whatever the ELBO is", () => {
  const places = [[-1.5], [-1.9], [-9], [-300, -2]].map((elbos) => boundAxis(-1.5, elbos, 354));
  assert.equal(new Set(places.map(({ evidence }) => evidence)).size, 1);
  for (const { evidence, elbos } of places) assert.ok(Math.min(...elbos) >= evidence);
});
