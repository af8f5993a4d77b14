// What the server says of a tab, as the channel hands it on. Nothing here is read back from the page.
import { latest, subscribe } from "./bus.js";

/** @typedef {import("./protocol.d.ts").TabState} TabState */
/** @typedef {import("./protocol.d.ts").AnswerPart} AnswerPart */

/**
 * @typedef {Omit<Partial<AnswerPart>, "figure" | "step"> & {figure: any, step: number, run?: number,
 *   setting?: string}} ShownFigure a view's figure, or a part of a probe's answer, with the number of the run whose model it
 *   shows, and the setting of that model
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
export const LASTS = /** @type {Record<string, number>} */ ({ 1: 900, 5: 180 });

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
