// Made by physintuition tasks --update; do not edit.

/** One numeric action of each task: a choice, or numbers by name. Any task takes text instead. */
export interface TaskActions {
  /** Will any block of this tower fall? */
  "Stability-v1": "no" | "yes";
  /** Will any block of this pyramid fall? */
  "PyramidStability-v1": "no" | "yes";
  /** Will any other block fall when the red one is taken away? */
  "RedRemove-v1": "no" | "yes";
  /** How far sideways must the hovering red block go to be centred over the tower? */
  "OffsetX-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
  };
  /** Where must the red block go to stand on top of the tower? */
  "Offset-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
    /** cm, -500 to 2000, whole. */
    y: number;
  };
  /** Put the red block on top, with three attempts that see what came of the earlier ones */
  "OffsetRetry-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
    /** cm, -500 to 2000, whole. */
    y: number;
  };
  /** Push one block so that the red one stops in the ring and nothing falls */
  "Push-v1": {
    /** 1, 1 to 8, whole. */
    block: number;
    /** degree, -180 to 180, whole. */
    angle: number;
    /** N s, 0 to 2000. */
    impulse: number;
  };
  /** Will any block fall when the marked one is pushed? */
  "PushOutcome-v1": "no" | "yes";
  /** Where does the pushed block come to rest? */
  "PushRest-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
  };
  /** Does the red block move to the right after the two blocks have met? */
  "Collision-v1": "no" | "yes";
  /** Where does the struck block stop? */
  "CollisionStop-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
  };
  /** Where must the red weight stand so that the beam balances? */
  "Balance-v1": {
    /** cm, -200 to 200, whole. */
    x: number;
  };
  /** Take blocks out of a tower, one after the other, so that the rest stands */
  "Jenga-v1": "stop" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
  /** Build the structure in the picture, one block at a time */
  "Build-v1": {
    /** 1, 0 to 8, whole. */
    block: number;
    /** cm, -150 to 150, whole. */
    x: number;
    /** cm, 0 to 300, whole. */
    y: number;
    /** 1, 0 to 1, whole. */
    turn: number;
  };
  /** How many blocks are there? */
  "Count-v1": {
    /** 1, 0 to 16, whole. */
    count: number;
  };
  /** Which numbered block is leftmost, highest, nearest or largest? */
  "Order-v1": "1" | "2" | "3" | "4";
  /** How far to the right of block B, and how much higher, is block A? */
  "Locate-v1": {
    /** cm, -1000 to 1000, whole. */
    x: number;
    /** cm, -500 to 500, whole. */
    y: number;
  };
  /** How far inside its contact's edge is the centre of mass of what stands on block A? */
  "Margin-v1": {
    /** cm, -100 to 100, whole. */
    margin: number;
  };
  /** Describe the tower block by block: colour, width, offset */
  "Describe-v1": {
    /** 1, 1 to 6, whole. */
    blocks: number;
    /** 1, 0 to 10, whole. */
    color1: number;
    /** cm, 1 to 200, whole. */
    width1: number;
    /** cm, -200 to 200, whole. */
    offset1: number;
    /** 1, 0 to 10, whole. */
    color2: number;
    /** cm, 1 to 200, whole. */
    width2: number;
    /** cm, -200 to 200, whole. */
    offset2: number;
    /** 1, 0 to 10, whole. */
    color3: number;
    /** cm, 1 to 200, whole. */
    width3: number;
    /** cm, -200 to 200, whole. */
    offset3: number;
    /** 1, 0 to 10, whole. */
    color4: number;
    /** cm, 1 to 200, whole. */
    width4: number;
    /** cm, -200 to 200, whole. */
    offset4: number;
    /** 1, 0 to 10, whole. */
    color5: number;
    /** cm, 1 to 200, whole. */
    width5: number;
    /** cm, -200 to 200, whole. */
    offset5: number;
    /** 1, 0 to 10, whole. */
    color6: number;
    /** cm, 1 to 200, whole. */
    width6: number;
    /** cm, -200 to 200, whole. */
    offset6: number;
  };
  /** Which of four pictures shows how the scene ends? */
  "Outcome-v1": "A" | "B" | "C" | "D";
  /** Which of four pushes led from the first picture to the second? */
  "Cause-v1": "A" | "B" | "C" | "D";
  /** How hard was the push that led from the first picture to the second? */
  "Impulse-v1": {
    /** N s, -10000 to 10000, whole. */
    impulse: number;
  };
  /** In which order were three pictures of a fall taken? */
  "Sequence-v1": "ABC" | "ACB" | "BAC" | "BCA" | "CAB" | "CBA";
  /** By how many degrees has the picture been turned? */
  "SslRotation-v1": "0" | "90" | "180" | "270";
  /** Where did the four tiles of the picture come from? */
  "SslJigsaw-v1": {
    /** 1, 1 to 4, whole. */
    a: number;
    /** 1, 1 to 4, whole. */
    b: number;
    /** 1, 1 to 4, whole. */
    c: number;
    /** 1, 1 to 4, whole. */
    d: number;
  };
  /** From which quarter of the picture was the patch cut? */
  "SslPatchPosition-v1": "top-left" | "top-right" | "bottom-left" | "bottom-right";
  /** Do both halves show the same scene? */
  "SslContrastive-v1": "no" | "yes";
  /** Will the tower in this photograph fall? */
  "RealTowers-v1": "no" | "yes";
}
