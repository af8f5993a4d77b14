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
  // Pictures draw in turn, and after each the page rests for as long as it took: clicks and films stay smooth, and a
  // slow browser simply shows fewer frames.
  turns: [], drawing: false,
  async inTurn(draw) {
    this.turns.push(draw);
    if (this.drawing) return;
    this.drawing = true;
    while (this.turns.length) {
      await new Promise(requestAnimationFrame);
      const began = performance.now();
      try { await this.turns.shift()(); } catch (error) { console.error(error); }
      const spent = performance.now() - began;
      if (spent > 8) await new Promise((resolve) => setTimeout(resolve, spent));
    }
    this.drawing = false;
  },
};
