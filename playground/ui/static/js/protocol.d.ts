// Written by `python -m playground.ui.protocol` from the types in playground/ui.

/** Who sends an event, in every one of them. */
export interface Sender {
  /** By which the server knows the page; empty before the first answer. */
  token: string;
  /** Random id of the loaded document: a reload has another one. */
  document: string;
  /** Number of the event in its document: one that comes twice acts once. */
  id: number;
  /** Slug of the tab in which something was done. */
  tab: string;
}

/** A tab is shown for the first time, or the server has forgotten the page. */
export interface Hello {
  kind: "hello";
  /** The query string of the link that led here, with its knobs. */
  query?: string;
  /** Whether no other page of this browser uses the token; null: it cannot tell. */
  alone?: boolean | null;
}

/** The document is being left. */
export interface Leave {
  kind: "leave";
}

/** The page is still there. */
export interface Renew {
  kind: "renew";
  /** Whether nobody sees it. */
  hidden?: boolean;
}

/** Asks for what is new on the page's tabs. */
export interface Frames {
  kind: "frames";
  /** As the newest answer to such a request said; 0: from the beginning. */
  since: number;
}

/** Trains on, or begins a new run where the knobs ask for one. */
export interface Play {
  kind: "play";
  /** Number of the run that is meant; 0: whichever there is. */
  run: number;
  /** All knobs as they stand. */
  knobs: Record<string, any>;
}

/** Stops training after the slice under way. */
export interface Pause {
  kind: "pause";
  /** Number of the run that is meant; 0: whichever there is. */
  run: number;
}

/** Raises the budget of a finished run and trains on. */
export interface More {
  kind: "more";
  /** Number of the run that is meant. */
  run: number;
  /** By how many optimiser steps. */
  steps: number;
}

/** Begins a run with the knobs of a preset. */
export interface ChoosePreset {
  kind: "preset";
  /** Its name; empty: the default knobs. */
  preset: string;
}

/** Trains a single optimiser step. */
export interface Step {
  kind: "step";
  /** All knobs as they stand. */
  knobs: Record<string, any>;
}

/** Begins a run of which nothing is trained yet. */
export interface Reset {
  kind: "reset";
  /** All knobs as they stand. */
  knobs: Record<string, any>;
}

/** Brings the run before this one back. */
export interface Undo {
  kind: "undo";
}

/** Sets the knobs: live ones act on the run at once. */
export interface ChangeKnobs {
  kind: "knobs";
  /** All knobs as they stand. */
  knobs: Record<string, any>;
}

/** Sets how fast the run trains. */
export interface ChangeSpeed {
  kind: "speed";
  /** Name of one of the speeds. */
  speed: string;
}

/** Which pictures are in sight: no others are drawn. */
export interface Look {
  kind: "look";
  /** Names of the views. */
  views: string[];
  /** Whether the tab is. */
  in_sight?: boolean;
}

/** Puts a probe's question to the model. */
export interface Ask {
  kind: "ask";
  /** Its name. */
  probe: string;
  /** Values of its fields. */
  question: Record<string, any>;
  /** Whether the answer stands in the picture as well, as after a click in it. */
  clicked?: boolean;
}

/** Asks the probe that is about a place in a picture. */
export interface Click {
  kind: "click";
  /** Name of the view. */
  view: string;
  /** In the view's own axes. */
  x: number;
  /** In the view's own axes. */
  y: number;
  /** Fields of the last question; the click fills in some of them. */
  question?: Record<string, any>;
}

/** Asks for the next part of an answer. */
export interface Continue {
  kind: "continue";
  /** Its name. */
  probe: string;
  /** Of the answer, as its first part said. */
  number: number;
  /** As in the first part. */
  clicked?: boolean;
}

/** What a visitor does in a tab. */
export type Act =
  | Play
  | Pause
  | More
  | ChoosePreset
  | Step
  | Reset
  | Undo
  | ChangeKnobs
  | ChangeSpeed
  | Look
  | Ask
  | Click
  | Continue;

/** Each is told by its kind. */
export type Event =
  | Hello
  | Leave
  | Renew
  | Frames
  | Play
  | Pause
  | More
  | ChoosePreset
  | Step
  | Reset
  | Undo
  | ChangeKnobs
  | ChangeSpeed
  | Look
  | Ask
  | Click
  | Continue;

/** Why the server could not do what the visitor asked for. */
export interface Complaint {
  /** Of a sentence in the catalogue. */
  key: string;
  /** To fill in. */
  values: Record<string, any>;
}

/** A line of a tab's log. */
export interface Note {
  /** Grows from line to line. */
  number: number;
  /** As a clock shows it, such as 12:34:56. */
  time: string;
  /** Of a sentence in the catalogue. */
  key: string;
  /** To fill in. */
  values: Record<string, any>;
}

/** Metrics that were measured together. */
export interface Moment {
  /** On which they were measured. */
  step: number;
  /** Name → value. */
  metrics: Record<string, number>;
}

/** An arm that has diverged while the others train on. */
export interface Frozen {
  /** What the arm is called. */
  title: string;
  /** At which it diverged; it is kept as it was before. */
  step: number;
}

/** What happens at one line of the code. */
export interface DiagramPhase {
  title: string;
  /** Names of the parts and (start, end) of the arrows that it is about. */
  lit: (string | [string, string])[];
  /** Whether gradients flow, from the arrows' ends to their starts. */
  backward: boolean;
  /** Number of the block of code among those shown. */
  block: number;
  /** Number of the line in the block. */
  line: number;
  /** The line itself. */
  code: string;
}

/** The network of a model, and what one step does with it. */
export interface Diagram {
  /** (name, label, x and y of its middle, kind, name of its symbol or ""). */
  parts: [string, string, number, number, "value" | "network" | "loss", string][];
  /** (name of the part where it starts, where it ends, whether gradients come back along it). */
  arrows: [string, string, boolean][];
  /** In the order in which a step runs. */
  phases: DiagramPhase[];
}

/** How a tab stands. */
export interface TabState {
  /** Grows with every new run; 0: there is none. */
  run: number;
  state: "ready" | "training" | "paused" | "done" | "stopped";
  /** Whether more parts of pictures are on their way, although nothing trains. */
  is_drawing: boolean;
  /** Name of the run's setting, or of the knobs' where there is none; "" for the tab's first. */
  setting: string;
  /** Optimiser steps taken so far. */
  step: number;
  /** Grows when a live knob has changed the model without a step. */
  version: number;
  /** Steps after which the run ends. */
  budget: number;
  /** Steps by which a finished run can be trained on at a click; 0 at the limit of Steps. */
  more: number;
  /** Whether the run before this one can come back. */
  can_undo: boolean;
  /** Steps a second, 0 when unknown. */
  rate: number;
  /** Why the run stopped, a sentence. */
  error: string;
  /** Arm → what is said of it, for those that have diverged while others train on. */
  frozen: Record<string, Frozen>;
  /** The newest metrics that were measured together. */
  moment: Moment;
  /** View → its caption, where it depends on the config. */
  captions: Record<string, string>;
  /** Names of the views and probes that don't apply to the model. */
  hidden: string[];
  /** Names of the knobs that do nothing as the others stand. */
  hidden_knobs: string[];
  /** Probe → field of its question → (lowest, highest) for the model, where they depend on it. */
  bounds: Record<string, Record<string, [number, number]>>;
  /** Names of the challenges that the run has solved. */
  solved: string[];
  /** Names of the knobs that were changed but take effect in a new run. */
  restart: string[];
  complaint: Complaint | null;
  /** The newest of the log, oldest first. */
  notes: Note[];
  /** "module:function" → local tensor → its shape. */
  shapes: Record<string, Record<string, number[]>>;
  /** Of the model, at speeds at which a step can be followed. */
  diagram: Diagram | null;
  /** Name of the chosen one. */
  speed: string;
}

/** What a message brings besides the tab's state. */
export interface Envelope {
  /** Slug. */
  tab: string;
  /** Grows from message to message: of two that come in another order the larger one is newer. */
  order: number;
  /** Query string that leads to the tab as it stands; "" where it has not changed. */
  address: string;
  /** Their values, where these come from the server. */
  knobs: Record<string, any> | null;
  /** By which the server knows the page from now on; "" where it stays as it is. */
  token: string;
  /** Seconds between two signs of life of the page; 0: as before. */
  renew: number;
  /** Whether the link by which the page was reached asks for a run. */
  run_now: boolean;
}

/** A view's figure. */
export interface ShownFigure {
  /** Of the model that it shows. */
  step: number;
  /** Of the model that it shows. */
  version: number;
  figure: Record<string, any>;
}

/** What a probe answered, or a part of it: a figure, or the sentence in which it declined. */
export interface AnswerPart {
  /** Of the model when it was asked. */
  step: number;
  /** Of the model when it was asked. */
  version: number;
  /** Why there is no figure, a sentence. */
  error: string;
  /** Whether it stands in the picture as well. */
  clicked: boolean;
  /** As asked, where a click filled in some of its fields; else empty. */
  question: Record<string, any>;
  /** Whether the model that answered was trained beforehand. */
  pre_trained: boolean;
  /** Of the answer: all its parts have the same. */
  number: number;
  /** Whether another part follows when the page asks for it. */
  more: boolean;
  /** Whether it is a later part of the answer. */
  continues: boolean;
  /** The whole answer as far as it is known; a later part takes the place of an earlier one. */
  figure?: Record<string, any> | null;
}

/** All that the server says of a tab at once. */
export interface Message extends TabState, Envelope {
  /** View → its figure, of those that are new. */
  figures: Record<string, ShownFigure>;
  /** Probe → what it answered. */
  answers: Record<string, AnswerPart>;
}

/** What a request is answered with. */
export interface Reply {
  messages: Message[];
  /** To be sent with the next request for frames. */
  since?: number;
  /** The server does not know the page's token: its tabs say hello anew. */
  unknown?: boolean;
}

/** What a request is answered with that is no event. */
export interface Refusal {
  /** A sentence. */
  error: string;
}

/** What controls of every kind have in common. */
export interface FieldAbout {
  name: string;
  label: string;
  help: string;
  /** The glyph that it has in lesson and code, or "". */
  symbol: string;
  /** Whether it may change in mid-run. */
  live: boolean;
  /** Whether it is folded away until asked for. */
  advanced: boolean;
}

/** One of several values. */
export interface Choice {
  value: string;
  title: string;
}

/** Picks one of several values. */
export interface ChoiceControl extends FieldAbout {
  kind: "choice";
  value: string;
  choices: Choice[];
}

/** Turns something on or off. */
export interface SwitchControl extends FieldAbout {
  kind: "switch";
  value: boolean;
}

/** Takes a text. */
export interface TextControl extends FieldAbout {
  kind: "text";
  value: string;
  /** Characters, at most. */
  longest: number | null;
}

/** Takes a number. */
export interface NumberControl extends FieldAbout {
  kind: "number";
  value: number;
  low: number | null;
  high: number | null;
  step: number | "any";
}

/** Takes a number; its buttons lead from one round value to the next. */
export interface LadderControl extends FieldAbout {
  kind: "ladder";
  value: number;
  rungs: number[];
  low: number;
  high: number;
}

/** Takes a number between two bounds. */
export interface SliderControl extends FieldAbout {
  kind: "slider";
  value: number;
  low: number;
  high: number;
  step: number;
}

/** What the drawing pad of a question says. */
export interface DrawingWords {
  /** What it is, for a screen reader. */
  pad: string;
  /** On the button that wipes it. */
  clear: string;
  /** On the button that takes a picture file in its place. */
  upload: string;
  /** What that button takes, for a screen reader. */
  upload_about: string;
}

/** A pad to draw on. */
export interface DrawingControl extends FieldAbout {
  kind: "drawing";
  /** A data URL. */
  value: string;
  words: DrawingWords;
}

/** Takes a sound file. */
export interface SoundControl extends FieldAbout {
  kind: "sound";
  /** A data URL. */
  value: string;
}

/** A picture file that consists of many small pictures. */
export interface Sheet {
  /** In `assets/`. */
  file: string;
  /** Pictures in a row. */
  columns: number;
  /** Pixels of a picture, each way. */
  cell: number;
}

/** What a question says where a number is chosen by its picture. */
export interface ThumbnailWords {
  /** What there is to choose from, for a screen reader. */
  sheet: string;
  /** The chosen one; has {number}. */
  chosen: string;
}

/** Chooses a number from 0 on by pointing at its picture. */
export interface ThumbnailsControl extends FieldAbout {
  kind: "thumbnails";
  value: number;
  /** The number of the last picture. */
  high: number;
  sheet: Sheet;
  words: ThumbnailWords;
}

/** A value that is set in a picture: it has no control of its own. */
export interface ElsewhereControl extends FieldAbout {
  kind: "none";
  value: any;
  /** Of a number that has bounds. */
  low: number | null;
  high: number | null;
  /** By which an arrow key changes it. */
  step: number | null;
}

/** A field of a config or of a question, told by its kind. */
export type Control =
  | ChoiceControl
  | SwitchControl
  | TextControl
  | NumberControl
  | LadderControl
  | SliderControl
  | DrawingControl
  | SoundControl
  | ThumbnailsControl
  | ElsewhereControl;

/** A tab in the page's list. */
export interface TabName {
  slug: string;
  title: string;
}

/** What stands in the page's head. */
export interface PageData {
  /** Key → sentence; a tab's own have its slug and a dot before their keys. */
  sentences: Record<string, string>;
  tabs: TabName[];
}

/** A picture's box. */
export interface BoxOptions {
  /** Of the tab. */
  slug: string;
  /** Of the view, or probe-NAME or inset-NAME of a probe's answer. */
  name: string;
  /** Whose answers it shows; "" for a view. */
  probe: string;
  title: string;
  /** One or two sentences: what is drawn, what to watch for. */
  caption: string;
  place: "hero" | "support" | "wide" | "more" | "answer" | "inset";
  /** Address of the module that shows its figures. */
  medium: string;
  /** Whether a probe answers a click in it. */
  clicks: boolean;
  /** Whether a drag asks all along its way. */
  drags: boolean;
}

/** A metric in the row above the pictures. */
export interface MetricAbout {
  name: string;
  title: string;
  unit: string;
  explain: string;
}

/** A question to the live model. */
export interface ProbeAbout {
  name: string;
  title: string;
  /** What is written on the button that asks. */
  button: string;
  /** Names of the views in which a click asks it. */
  clicks: string[];
  /** Whether it is asked again while the model trains on. */
  live: boolean;
  fields: Control[];
  box: BoxOptions;
}

/** Knobs that are worth a look. */
export interface PresetAbout {
  name: string;
  title: string;
  /** What to expect, and the reason. */
  why: string;
  knobs: Record<string, any>;
}

/** Something for the visitor to reach. */
export interface ChallengeAbout {
  /** Under which it is known to have been solved. */
  name: string;
  title: string;
  hint: string;
  /** Titles under which visitors' browsers have stored that they solved it. */
  formerly: string[];
}

/** How fast a run trains. */
export interface SpeedAbout {
  name: string;
  title: string;
}

/** The pictures of a setting's pre-trained model. */
export interface PreTrainedAbout {
  /** Of the file that has them, a Preview. */
  path: string;
  /** With which the model was trained. */
  knobs: Record<string, any>;
}

/** All that a tab shows of its declaration. */
export interface About {
  slug: string;
  /** Steps of a run with the default knobs. */
  budget: number;
  speeds: SpeedAbout[];
  /** Name of the one at the beginning. */
  speed: string;
  knobs: Control[];
  metrics: MetricAbout[];
  views: BoxOptions[];
  probes: ProbeAbout[];
  presets: PresetAbout[];
  challenges: ChallengeAbout[];
  /** Setting, as `TabState.setting` names it → its pre-trained model's pictures, of those that have some. */
  pre_trained: Record<string, PreTrainedAbout>;
}

/** The pictures of a pre-trained model. */
export interface Preview {
  step: number;
  /** View → its figure. */
  figures: Record<string, Record<string, any>>;
}

/** A line of the shown code. */
export interface CodeLine {
  /** Highlighted. */
  html: string;
  /** Identifiers in it. */
  names: string[];
  /** Names of the symbols in it. */
  symbols: string[];
  /** "module:function" that it belongs to, or "". */
  function: string;
}

/** A function or class of the shown code. */
export interface CodeBlock {
  title: string;
  /** File and first line. */
  place: string;
  open: boolean;
  lines: CodeLine[];
}

/** A symbol that formulas, code and pictures share. */
export interface SymbolAbout {
  glyph: string;
  meaning: string;
  /** Names of the views that show it. */
  views: string[];
}

/** A tab's lesson beside the code that runs. */
export interface Lesson {
  /** HTML. */
  text: string;
  code: CodeBlock[];
  /** By name. */
  symbols: Record<string, SymbolAbout>;
}
