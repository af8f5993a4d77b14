// What the server sends, whole and typed: where the wire changes, the tests that stand on it are checked against the change.

/** @import {About, AnswerPart, BoxOptions, ChallengeAbout, Message, ProbeAbout, SliderControl, TabState} from "../../playground/ui/static/js/protocol.d.ts" */

/** @type {TabState} of a tab in which nothing has happened */
const READY = {
  run: 0,
  state: "ready",
  is_drawing: false,
  setting: "",
  step: 0,
  version: 0,
  budget: 50,
  more: 0,
  can_undo: false,
  rate: 0,
  error: "",
  frozen: {},
  moment: { step: 0, metrics: {} },
  captions: {},
  hidden: [],
  hidden_knobs: [],
  bounds: {},
  solved: [],
  restart: [],
  complaint: null,
  notes: [],
  shapes: {},
  diagram: null,
  speed: "",
};

/**
 * @param {Partial<TabState>} more
 * @returns {TabState}
 */
export const tabState = (more = {}) => ({ ...READY, ...more });

/**
 * @param {Partial<Message>} more
 * @returns {Message}
 */
export const message = (more = {}) => ({
  ...READY,
  tab: "one",
  order: 1,
  address: "",
  knobs: null,
  token: "",
  renew: 0,
  run_now: false,
  figures: {},
  answers: {},
  ...more,
});

/**
 * @param {Partial<About>} more
 * @returns {About}
 */
export const declaration = (more = {}) => ({
  slug: "one",
  budget: 50,
  speeds: [
    { name: "1", title: "slow" },
    { name: "full", title: "fast" },
  ],
  speed: "full",
  knobs: [],
  metrics: [],
  views: [],
  probes: [],
  presets: [],
  challenges: [],
  pre_trained: {},
  ...more,
});

/**
 * @param {Partial<AnswerPart>} more
 * @returns {AnswerPart}
 */
export const part = (more = {}) => ({
  step: 1,
  version: 0,
  error: "",
  clicked: false,
  question: {},
  pre_trained: false,
  number: 1,
  more: false,
  continues: false,
  figure: {},
  ...more,
});

/**
 * @param {string} name
 * @param {string} title
 * @param {string[]} formerly
 * @returns {ChallengeAbout}
 */
export const challenge = (name, title = name, formerly = []) => ({ name, title, hint: "h", formerly });

/**
 * @param {Partial<SliderControl>} more
 * @returns {SliderControl}
 */
export const slider = (more = {}) => ({
  name: "x",
  label: "x",
  kind: "slider",
  help: "",
  symbol: "",
  live: false,
  advanced: false,
  value: 2,
  low: 0,
  high: 9,
  step: 1,
  ...more,
});

/** @type {BoxOptions} whose medium shows nothing */
const BOX = {
  slug: "one",
  name: "view",
  probe: "",
  title: "d",
  caption: "c",
  place: "answer",
  medium: "data:text/javascript,export const mount = () => {}",
  clicks: false,
  drags: false,
};

/**
 * @param {string} slug
 * @param {string} name
 * @param {Partial<ProbeAbout>} more
 * @returns {ProbeAbout}
 */
export const probe = (slug, name, more = {}) => ({
  name,
  title: name,
  button: "Ask",
  clicks: [],
  live: false,
  fields: [],
  box: { ...BOX, slug, name: `probe-${name}`, probe: name },
  ...more,
});
