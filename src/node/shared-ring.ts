import type { HostId } from '../base/id.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { EndpointState } from '../gossip/endpoint-state.ts';
import type { RingChange } from '../ring/ring-change.ts';
import type { RingView } from './ring-view.ts';

/** Views of one fold that are kept: places settle soon after a start, and then all nodes have the same. */
const keptViews = 4;

interface KeptView {
  /** What was known of the members, in the order of the fold; equal states are one object, so that most compare at once. */
  readonly states: (EndpointState | null)[];
  readonly view: RingView;
}

/**
 * The views of the ring that the nodes of one world share, since they are immutable and equal for all. One per world in
 * the simulator, so that its memory and start-up grow with its nodes and not with their square; in production a node has
 * its own, which saves it a new fingerprint when states moved and places did not.
 */
export class SharedRing {
  readonly #views = new WeakMap<RingState, KeptView[]>();
  /**
   * The views of the newest folds: each node folds for itself, and equal chain hash is equal fold. Only the order of its
   * members may be another: that of the records, or of a snapshot.
   */
  readonly #newest = new Map<string, { readonly order: readonly HostId[]; readonly kept: KeptView[] }>();
  readonly #changes = new Map<string, RingChange>();

  /** The view of a fold with its members, in its order, at the places that these states name, derived once. */
  viewOf(fold: RingState, stateAt: (place: number) => EndpointState | null, derive: () => RingView): RingView {
    let kept = this.#views.get(fold);
    if (kept === undefined) {
      kept = this.#keptOf(fold);
      this.#views.set(fold, kept);
    }
    const known = kept.find(({ states }) => samePlaces(states, stateAt));
    if (known !== undefined) return known.view;
    const view = derive();
    kept.unshift({ states: Array.from({ length: fold.members.size }, (_, place) => stateAt(place)), view });
    if (kept.length > keptViews) kept.pop();
    return view;
  }

  #keptOf(fold: RingState): KeptView[] {
    const order = [...fold.members.keys()];
    const known = this.#newest.get(fold.chainHash);
    if (known !== undefined && order.every((hostId, at) => hostId === known.order[at])) return known.kept;
    const kept: KeptView[] = [];
    this.#newest.delete(fold.chainHash);
    this.#newest.set(fold.chainHash, { order, kept });
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > keptViews) this.#newest.delete(oldest!);
    return kept;
  }

  /** What the open operation makes of a ring. `key` names all that it is derived from. */
  changeOf(key: string, derive: () => RingChange): RingChange {
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = derive();
      this.#changes.set(key, change);
      const [oldest] = this.#changes.keys();
      if (this.#changes.size > keptViews) this.#changes.delete(oldest!);
    }
    return change;
  }
}

/** Whether all members are where `states` say. States that moved meanwhile, but not their places, are taken over. */
function samePlaces(states: (EndpointState | null)[], stateAt: (place: number) => EndpointState | null): boolean {
  for (let place = 0; place < states.length; place++) {
    const state = stateAt(place);
    if (state === states[place]) continue;
    if (!samePlace(state, states[place]!)) return false;
    states[place] = state;
  }
  return true;
}

function samePlace(left: EndpointState | null, right: EndpointState | null): boolean {
  for (const key of [ApplicationState.datacenter, ApplicationState.rack]) {
    if (left?.values.get(key)?.value !== right?.values.get(key)?.value) return false;
  }
  return true;
}
