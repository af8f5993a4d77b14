// Topics with a memory: what comes late to the page (a tab's children are mounted on its first visit) gets the newest.
window.playground = {
  latest: {}, listeners: {},
  publish(topic, value) {
    this.latest[topic] = value;
    for (const listener of this.listeners[topic] || []) listener(value);
  },
  subscribe(topic, listener) {
    (this.listeners[topic] ||= []).push(listener);
    if (topic in this.latest) listener(this.latest[topic]);
  },
};
