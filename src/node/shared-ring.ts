import type { RingState } from '../epoch/ring-state.ts';
import type { RingView } from './ring-view.ts';

/** Views of one fold that are kept: places settle soon after a start, and then all nodes have the same. */
const keptViews = 4;

interface KeptView {
  readonly places: string;
  readonly view: RingView;
}

/**
 * The views of the ring that the nodes of one world share, since they are immutable and equal for all. One per world in
 * the simulator, so that its memory and start-up grow with its nodes and not with their square; in production a node has
 * its own, which saves little and costs nothing.
 */
export class SharedRing {
  readonly #views = new WeakMap<RingState, KeptView[]>();

  /** The view of a fold with its members at these places (all that `derive` reads besides the fold), derived once. */
  viewOf(state: RingState, places: string, derive: () => RingView): RingView {
    let kept = this.#views.get(state);
    if (kept === undefined) {
      kept = [];
      this.#views.set(state, kept);
    }
    const known = kept.find((each) => each.places === places);
    if (known !== undefined) return known.view;
    const view = derive();
    kept.unshift({ places, view });
    if (kept.length > keptViews) kept.pop();
    return view;
  }
}
