// A skeleton between two frames, turned round the vertical and seen from in front.

const TALL = 2.1; // metres that fit into the height

/**
 * @param {{width: number, height: number}} room
 * @returns {number} pixels of a metre
 */
export const metre = ({ width, height }) => Math.min(height / TALL, width / 2);

/**
 * @param {number[][][]} joints frames × joints × (x to the left, y up, z forward), metres
 * @param {number} time in frames; between two of them joints go straight
 * @param {number} turn radians round the vertical
 * @param {{left: number, width: number, height: number}} room pixels
 * @returns {number[][]} (x, y, depth) of each joint: pixels, and metres towards the viewer
 */
export function project(joints, time, turn, { left, width, height }) {
  const first = Math.floor(time) % joints.length;
  const next = joints[(first + 1) % joints.length];
  const share = first + 1 < joints.length ? time - Math.floor(time) : 0; // the clip's end does not glide to its beginning
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const scale = metre({ width, height });
  return joints[first].map((at, i) => {
    const [x, y, z] = at.map((value, axis) => value + share * (next[i][axis] - value));
    return [left + width / 2 + scale * (x * cos + z * sin), height * 0.98 - scale * y, z * cos - x * sin];
  });
}
