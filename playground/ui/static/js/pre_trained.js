// Pictures of the pre-trained models: while there is no run, those of the setting in which the knobs are.
import { latest, publish } from "./bus.js";
import { fetchJSON } from "./page_data.js";
import { figureTopic, onState, stateOf } from "./tab_state.js";

/** @import {About, Preview} from "./protocol.d.ts" */

/**
 * Shows them, each file fetched when its setting is first chosen. What a run of the same setting has shown stays.
 * @param {About} about
 */
export function showPreTrained({ slug, pre_trained }) {
  /** @type {Map<string, Promise<Preview | null>>} setting → its pictures, null where they cannot be loaded */
  const fetched = new Map();
  const fetchOnce = (/** @type {string} */ setting) => {
    const pictures = fetched.get(setting) ?? fetchPictures(pre_trained[setting].path);
    fetched.set(setting, pictures);
    return pictures;
  };
  onState(slug, async ({ run, setting }) => {
    if (run || !pre_trained[setting]) return;
    const pictures = await fetchOnce(setting);
    const now = stateOf(slug);
    if (!pictures || !now || now.run || now.setting !== setting) return;
    for (const [view, figure] of Object.entries(pictures.figures)) {
      const topic = figureTopic(slug, view);
      if (latest(topic)?.setting !== setting)
        publish(topic, { figure, step: pictures.step, setting, pre_trained: true });
    }
  });
}

/**
 * @param {string} path
 * @returns {Promise<Preview | null>}
 */
async function fetchPictures(path) {
  try {
    return await fetchJSON(path);
  } catch (error) {
    console.error(error);
    return null;
  }
}
