// What the server says of a tab, as the channel hands it on. Nothing here is read back from the page.
import { latest, subscribe } from "./bus.js";

/**
 * @typedef {object} TabState
 * @property {number} run grows with every new run; 0: none yet
 * @property {"ready" | "training" | "paused" | "done" | "stopped"} state
 * @property {number} step
 * @property {number} budget steps after which the run ends
 * @property {number} rate steps a second, 0 when unknown
 * @property {string} error why the run stopped
 * @property {{step: number, metrics: Record<string, number>}} moment the newest metrics that were measured together
 * @property {Record<string, string>} captions view → its caption, where it depends on the config
 * @property {string[]} hidden names of the views and probes that don't apply to the model
 * @property {string[]} hidden_knobs names of those that do nothing as the others stand
 * @property {Record<string, Record<string, [number, number]>>} bounds probe → field → bounds that the model sets
 * @property {string[]} solved titles of the challenges
 * @property {string[]} restart names of the knobs that take effect on the next start
 * @property {{key: string, values: Record<string, any>} | null} complaint why the server could not do what the visitor asked for
 * @property {boolean} can_undo whether the run before this one can come back
 * @property {number} more steps that a finished run can be trained on at once; 0 at the limit of Steps
 * @property {Note[]} notes the newest of the log, oldest first
 * @property {string} speed name of the one that is chosen
 * @property {import("./slow_motion/drawing.js").Diagram | null} diagram of the model, at speeds at which it can be shown
 * @property {Record<string, Record<string, number[]>>} shapes function → local tensor → its shape
 */

/**
 * @typedef {object} Note
 * @property {number} number
 * @property {string} time
 * @property {string} key
 * @property {Record<string, any>} values
 */

/**
 * @typedef {object} ShownFigure
 * @property {any} figure
 * @property {number} step of the model that it shows
 * @property {number} [run] of that model
 * @property {boolean} [readyMade] of a model trained beforehand
 * @property {Record<string, any>} [question] of an answer: fields that a click filled in
 * @property {string} [error] why there is none, a sentence
 */

/** @param {string} slug of the tab in which the visitor did something: the kind of it */
export const actedTopic = (slug) => `${slug}/acted`;

/** @param {string} slug of the tab in which a run is being started: whether the server has yet to answer */
export const startingTopic = (slug) => `${slug}/starting`;

/** @param {string} slug of the tab whose last event the server refused: a sentence, "" after the next event */
export const refusedTopic = (slug) => `${slug}/refused`;

/** Whether the server can be reached: "here" or "away". */
export const connectionTopic = "connection";

/** Milliseconds that a step takes at the speeds at which it can be followed; under the time between two steps. */
export const LASTS = /** @type {Record<string, number>} */ ({ "1 step/s": 900, "5 steps/s": 180 });

/** @param {string} slug */
export const stateTopic = (slug) => `${slug}/state`;

/**
 * @param {string} slug
 * @param {string} name of a view, or probe-NAME or inset-NAME of a probe's answer
 */
export const figureTopic = (slug, name) => `${slug}/figure/${name}`;

/**
 * @param {string} slug
 * @param {(state: TabState) => void} listener
 */
export const onState = (slug, listener) => subscribe(stateTopic(slug), listener);

/**
 * @param {string} slug
 * @returns {TabState | undefined}
 */
export const stateOf = (slug) => latest(stateTopic(slug));
