import type { Config } from '../contracts/config.ts';
import type { LinkStatus, ResourceSetWord } from '../contracts/status.ts';

/** One line of the node table, as clients see it. */
export interface NodeView {
  readonly name: string;
  readonly type: 'normal' | 'ping';
  readonly status: string;
  readonly weight: number;
  readonly site: string;
  /** 16 characters; `NO_UUID` while unknown. */
  readonly uuid: string;
  readonly links: readonly LinkStatus[];
}

/** What the daemon knows, for those who ask. Looked at when a question comes, never kept. */
export interface ClusterView {
  readonly config: Config;
  /** In the order of ha.cf. */
  readonly nodes: readonly NodeView[];
  readonly rscstatus: ResourceSetWord | 'transition';
}

export function findNode(view: ClusterView, name: string | undefined): NodeView | undefined {
  const wanted = name?.toLowerCase();
  return view.nodes.find((node) => node.name === wanted);
}
