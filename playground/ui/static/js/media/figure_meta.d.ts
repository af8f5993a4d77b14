// What a figure says to the page besides what it draws: Plotly leaves `layout.meta` and a trace's `meta` alone. The same as
// `playground/figures/meta.py`, by which Python is checked; a test holds the two together.

import type { Sheet } from "../protocol.d.ts";

/** `layout.meta` of a chart. */
export interface FigureMeta {
  /** Whether the traces of the legend have buttons that switch them off and on. Read by plot_key.js. */
  chips?: boolean;
  /** Live knobs that are set in the picture. Read by plot_handles.js. */
  handles?: HandleMeta[];
  /** Whether an answer over the pictures takes the room of two of them. Read by plot.js. */
  large?: boolean;
  /** Pixels that a unit of an axis must have for the axis to have labels. Read by plot_layout.js. */
  room?: number;
  /** Pictures of the points: a point's `customdata[0]` is the number of its picture. null: there are none. Read by plot_hover.js. */
  sprite?: Sheet | null;
  /** Whether, in slow motion, lines join where points stood and where they stand. Read by plot_trails.js. */
  trails?: boolean;
}

/** A trace's `meta`: name of a colour scale of the palette, of which a dark page has its own. Read by plot_layout.js. */
export type TraceMeta = string;

/** A coordinate that a live knob has, which moving the handle sets. */
export interface KnobCoordinate {
  knob: string;
}

/** A coordinate that stays, in the axis' units. */
export interface FixedCoordinate {
  at: number;
}

/** A place in a picture at which knobs are set: by pointer, touch or keys. */
export interface HandleMeta {
  /** The same from figure to figure. */
  name: string;
  /** Whatever is read aloud as its name. */
  label: string;
  /** Where it stands across; missing: in the middle of the axis. */
  x?: KnobCoordinate | FixedCoordinate;
  y?: KnobCoordinate | FixedCoordinate;
  /** A letter or two that stand in it. */
  symbol?: string;
  /** The axes that have the units of x and y, as a trace names them; missing: "x" and "y". */
  xaxis?: string;
  yaxis?: string;
}
