import type { Level, Note } from '../contracts/notes.ts';

/**
 * Every line the daemon writes about the cluster, by code. Texts that 3.0.6 also writes are kept to the
 * letter (log-lines 2-9), because people grep for them; `{name}` stands for a fact of the note.
 *
 * `tag` marks the lines that 3.0.6's shell tools write in their own format (log-lines 1).
 */
interface NoteForm {
  readonly level: Level;
  readonly text: string;
  readonly tag?: 'ResourceManager' | 'mach_down' | 'harc' | 'hb_standby' | 'ip-request-resp';
}

export const NOTES = {
  // start and stop (log-lines 2)
  version: { level: 'info', text: 'heartbeat: version {version}' },
  noPreviousGeneration: { level: 'WARN', text: 'No Previous generation - starting at {generation}' },
  brokenGeneration: { level: 'WARN', text: 'BROKEN previous generation - starting at {generation}' },
  generation: { level: 'info', text: 'Heartbeat generation: {generation}' },
  newUuid: { level: 'info', text: 'No uuid found for current node - generating a new uuid.' },
  localStatus: { level: 'info', text: "Local status now set to: '{status}'" },
  commUp: { level: 'info', text: 'Comm_now_up(): updating status to active' },
  saveFailed: { level: 'CRIT', text: 'Cannot save the generation number: {detail}. Nothing is sent without it; stopping.' },
  shutdownDelayed: { level: 'WARN', text: 'Shutdown delayed until current resource activity finishes.' },
  shutdownStarted: { level: 'info', text: 'Heartbeat shutdown in progress. ({pid})' },
  givingUpAll: { level: 'info', text: 'Giving up all HA resources.' },
  allRelinquished: { level: 'info', text: 'All HA resources relinquished.' },
  shutdownComplete: { level: 'info', text: '{node} Heartbeat shutdown complete.' },

  // nodes and links (log-lines 3)
  linkUp: { level: 'info', text: 'Link {node}:{link} up.' },
  linkDead: { level: 'info', text: 'Link {node}:{link} dead.' },
  nodeStatus: { level: 'info', text: 'Status update for node {node}: status {status}' },
  nodeRestart: { level: 'info', text: 'Heartbeat restart on node {node}' },
  lateHeartbeat: { level: 'WARN', text: 'Late heartbeat: Node {node}: interval {intervalMs} ms' },
  tooLateHeartbeat: { level: 'CRIT', text: 'Late heartbeat: Node {node}: interval {intervalMs} ms (> deadtime)' },
  nodeDead: { level: 'WARN', text: 'node {node}: is dead' },
  lostPackets: { level: 'WARN', text: '{count} lost packet(s) for [{node}] [{last}:{seq}]' },
  lostMany: { level: 'ERROR', text: 'lost a lot of packets!' },
  noneMissing: { level: 'info', text: 'No pkts missing from {node}!' },
  lostForGood: { level: 'ERROR', text: 'Irretrievably lost packet: node {node} seq {seq}' },
  rexmitTooHigh: { level: 'WARN', text: 'Rexmit of seq {seq} requested. {max} is max.' },
  rexmitInvalid: { level: 'ERROR', text: 'Invalid rexmit seqnos' },
  historyFilling: { level: 'WARN', text: 'Message hist queue is filling up ({count} messages in queue)' },
  unknownNode: { level: 'ERROR', text: 'process_status_message: bad node [{node}] in message' },
  uuidChanged: { level: 'info', text: 'node {node} changed its uuid to {uuid}' },
  ownNameElsewhere: {
    level: 'ERROR',
    text: 'another node sends under our name {node} (uuid {uuid}, over {medium}): its packets are dropped',
  },
  noFlowControl: { level: 'info', text: 'flow control disabled due to different version heartbeat' },
  nodeListDiffers: { level: 'WARN', text: 'node {node} knows the nodes [{theirs}], this node knows [{ours}]' },
  nodeAdded: { level: 'info', text: 'hb_add_one_node: Adding new node[{node}] to configuration.' },
  nodeJoined: { level: 'info', text: 'process_clustermsg: Adding new node [{node}] to configuration.' },
  nodeRemoved: { level: 'info', text: 'Removing node [{node}] from configuration.' },
  addNodeRefused: { level: 'ERROR', text: 'hb_add_one_node: {reason}' },
  deleteNodeFailed: { level: 'ERROR', text: 'hb_remove_one_node: {reason}' },
  deletionOfLiving: { level: 'WARN', text: 'deletion failed: node {node} is not dead' },
  deletionWithoutAll: {
    level: 'ERROR',
    text: "HBDoMsg_T_DELNODE: deletion failed. We don't have all required nodes alive ({node} is {status})",
  },
  deletedOurselves: {
    level: 'ERROR',
    text: 'I am being deleted from the cluster. This should not happen (hb_delnode on {node}, which believes this node dead): shutting down',
  },
  memberUnknown: { level: 'WARN', text: 'set {what} to non-existing node {node}' },
  badMemberMessage: { level: 'ERROR', text: '{type} from {from}: {detail}' },
  livingNodeVanished: {
    level: 'WARN',
    text: 'node {node} is not in ha.cf any more but is {status}: it stays a node. Stop heartbeat there first, then: hb_delnode {node}',
  },
  noResourcesUntilRestart: {
    level: 'WARN',
    text: 'heartbeat started with more than two nodes and manages no resources: with fewer nodes it does so after a restart',
  },
  messageTooLong: { level: 'ERROR', text: 'a message of type {type} is too long to be sent, compressed or not: dropped' },
  noCompressor: { level: 'WARN', text: 'compression {wanted} is not available on this host: large messages are sent with {used}' },
  moreThanTwoNodes: {
    level: 'CRIT',
    text: '{count} nodes are configured: resources are taken over between two nodes only, so a dead node is not taken over',
  },

  // takeover, failback (log-lines 4)
  acquiringFrom: { level: 'info', text: 'Resources being acquired from {node}.' },
  noStonith: { level: 'WARN', text: 'No STONITH device configured.' },
  disksUnprotected: { level: 'WARN', text: 'Shared disks are not protected.' },
  deadGaveUp: { level: 'info', text: 'Dead node {node} gave up resources.' },
  takingOverGroup: { level: 'info', text: 'Taking over resource group {key}', tag: 'mach_down' },
  foreignAcquired: { level: 'info', text: '/usr/share/heartbeat/mach_down: nice_failback: foreign resources acquired', tag: 'mach_down' },
  machDownDone: { level: 'info', text: 'mach_down takeover complete for node {node}.', tag: 'mach_down' },
  machDownComplete: { level: 'info', text: 'mach_down takeover complete.' },
  localAcquired: { level: 'info', text: 'Local Resource acquisition completed.' },
  localAcquiredNone: { level: 'info', text: 'Local Resource acquisition completed. (none)' },
  noLocalResources: { level: 'info', text: 'No local resources [/usr/share/heartbeat/ResourceManager listkeys {node}] to acquire.' },
  localTransitionDone: { level: 'info', text: 'local resource transition completed.' },
  remoteTransitionDone: { level: 'info', text: 'remote resource transition completed.' },
  initialAcquisition: { level: 'info', text: 'Initial resource acquisition complete ({reason})' },
  shutdownNotice: { level: 'info', text: "Received shutdown notice from '{node}'." },
  takeoverCancelled: { level: 'info', text: 'Resource takeover cancelled - shutdown in progress.' },
  bothOwnOurs: { level: 'ERROR', text: 'Both machines own our resources!' },
  bothOwnForeign: { level: 'ERROR', text: 'Both machines own foreign resources!' },
  nobodyOwnsLocal: { level: 'ERROR', text: 'No one owns our local resources!' },
  nobodyOwnsForeign: { level: 'ERROR', text: 'No one owns foreign resources!' },

  // standby (log-lines 5)
  goingStandby: { level: 'info', text: 'Going standby [{set}].', tag: 'hb_standby' },
  wantsStandby: { level: 'info', text: '{node} wants to go standby [{set}]' },
  standbyCanTake: { level: 'info', text: 'standby: {node} can take our {set} resources' },
  giveUpSet: { level: 'info', text: 'give up {set} HA resources (standby).' },
  releasedSet: { level: 'info', text: '{set} HA resource release completed (standby).' },
  localStandbyDone: { level: 'info', text: 'Local standby process completed [{set}].' },
  standbyAcquire: { level: 'info', text: 'standby: acquire [{set}] resources from {node}' },
  acquireSet: { level: 'info', text: 'acquire {set} HA resources (standby).' },
  acquiredSet: { level: 'info', text: '{set} HA resource acquisition completed (standby).' },
  standbyAcquired: { level: 'info', text: 'Standby resource acquisition done [{set}].' },
  otherCompletedStandby: { level: 'info', text: 'Other node completed standby takeover of {set} resources.' },
  standbyOtherFlux: { level: 'WARN', text: 'standby message [{info}] from {node} ignored.  Other side is in flux.' },
  standbyLocalFlux: { level: 'WARN', text: 'standby message [{info}] from {node} ignored.  local resources in flux.' },
  standbyBusy: { level: 'WARN', text: 'Standby in progress- new request from {node} ignored [{seconds} seconds left]' },
  standbyTimeout: { level: 'WARN', text: 'No reply to standby request.  Standby request cancelled.' },
  standbyCancelled: { level: 'info', text: 'Cancelling pending standby operation' },
  takeoverRefused: { level: 'WARN', text: 'hb_takeover of {node} refused: {reason}' },
  standbyLegacy: { level: 'info', text: 'Standby mode only implemented when nice_failback on' },
  standbyOutOfTurn: { level: 'ERROR', text: "Ignored standby message '{info}' from {node} in state {state}" },

  // resource scripts (log-lines 6)
  acquiringGroup: { level: 'info', text: 'Acquiring resource group: {home} {resources}', tag: 'ResourceManager' },
  releasingGroup: { level: 'info', text: 'Releasing resource group: {home} {resources}', tag: 'ResourceManager' },
  runningScript: { level: 'info', text: 'Running {path} {args}', tag: 'ResourceManager' },
  scriptFailed: { level: 'ERROR', text: 'Return code {status} from {path}', tag: 'ResourceManager' },
  scriptKilled: { level: 'ERROR', text: '{path} was ended by signal {signal}', tag: 'ResourceManager' },
  scriptNotStarted: { level: 'ERROR', text: 'cannot run {script}: {detail}', tag: 'ResourceManager' },
  scriptNotFound: { level: 'ERROR', text: 'Cannot locate resource script {script}', tag: 'ResourceManager' },
  startFailure: { level: 'CRIT', text: 'Giving up resources due to failure of {word}', tag: 'ResourceManager' },
  stopRetry: { level: 'info', text: 'Retrying failed stop operation [{word}]', tag: 'ResourceManager' },
  stopNotLsb: { level: 'ERROR', text: 'Resource script for {word} probably not LSB-compliant.', tag: 'ResourceManager' },
  stopMustSucceed: { level: 'WARN', text: 'it ({word}) MUST succeed on a stop when already stopped', tag: 'ResourceManager' },
  rebootAvoided: { level: 'WARN', text: 'Machine reboot narrowly avoided!', tag: 'ResourceManager' },
  stopFatal: { level: 'CRIT', text: 'Resource STOP failure. Reboot required!', tag: 'ResourceManager' },
  activeAtStart: { level: 'WARN', text: 'Resource {word} is active at start: it counts as held by this node.', tag: 'ResourceManager' },

  // haresources while it runs
  groupsChanged: {
    level: 'info',
    text: 'haresources has changed: new [{added}], gone [{removed}], different at their next start [{changed}]',
  },
  groupRemoved: { level: 'info', text: 'group {key} is in haresources no more: stopping it' },
  groupNotOurs: { level: 'WARN', text: 'group {key} is new in haresources and runs here, but belongs to another node now: stopping it' },
  groupHeldBack: { level: 'WARN', text: 'group {key} is not started: by what is known, resources of it run on {node}' },
  groupDoubled: { level: 'WARN', text: 'resources of group {key} run here and on {node}, whose haresources differs: stopping it here' },
  groupFailed: { level: 'WARN', text: 'group {key} failed to start here at {resource} (failure {times} in a row) and is released' },
  groupLent: { level: 'info', text: 'group {key} is served by {node}, since its start failed here' },
  groupComes: { level: 'info', text: 'taking group {key} alone: its start failed on {node}, which keeps the rest of its set' },
  groupStays: { level: 'info', text: 'group {key} stays here: its start failed on {node}' },
  groupReturns: { level: 'info', text: 'group {key} goes back to {node}, where nothing is known against it any more' },
  groupServedByNobody: {
    level: 'CRIT',
    text: 'group {key} is served by nobody: {resource} fails to start on each node that could; {next}',
  },
  failureOver: { level: 'info', text: 'the failed start of group {key} here is {cause}' },
  setHandedOn: { level: 'WARN', text: 'nothing of set [{set}] starts here: {node} is asked to take it' },
  groupsDiffer: { level: 'WARN', text: 'haresources of node {node} has other groups than ours (or one of the two is not read yet)' },
  groupsAlike: { level: 'info', text: 'haresources of node {node} has the same groups as ours again' },
  followsPeer: { level: 'info', text: 'nice_failback: working as auto_failback {mode} beside {node}, as it does' },
  restartDelayed: { level: 'WARN', text: 'Restart delayed until current resource activity finishes.' },

  // partition (log-lines 7)
  partitionReturn: { level: 'CRIT', text: 'Cluster node {node} returning after partition.' },
  partitionUrl: { level: 'info', text: 'For information on cluster partitions, See URL: http://linux-ha.org/wiki/Split_Brain' },
  deadtimeSmall: { level: 'WARN', text: 'Deadtime value may be too small.' },
  deadtimeFaq: { level: 'info', text: 'See FAQ for information on tuning deadtime.' },
  deadtimeUrl: { level: 'info', text: 'URL: http://linux-ha.org/wiki/FAQ#Heavy_Load' },
  doubledAtStart: { level: 'WARN', text: '[{keys}] ran here at our start and {node} holds it: giving it up here' },
  healRelease: { level: 'WARN', text: 'after the partition: {node} keeps [{keys}] ({why}); giving it up here' },
  healKeep: { level: 'WARN', text: 'after the partition: keeping [{keys}] ({why}); {node} is to give it up' },
  storageTwice: {
    level: 'CRIT',
    text: 'storage group {key} was up here and on {node} at once for {seconds} s: check its data. It stays where it is now until it is moved by hand',
  },
  storageStillTwice: {
    level: 'CRIT',
    text: 'storage group {key} has been up here and on {node} at once for {seconds} s when contact was lost again: check its data',
  },
  notFailedBack: {
    level: 'WARN',
    text: '[{keys}] is not failed back to {node} by itself: it was up on both nodes. Move it by hand when its data is sound',
  },
  wasAway: {
    level: 'WARN',
    text: 'this node got no time for {lostMs} ms: nothing is started or announced here until {node} has answered, or was silent for its deadtime',
  },
  awayOver: { level: 'info', text: 'going on: it is known what {node} holds' },
  countedDead: { level: 'CRIT', text: '{node} has counted this node as dead and holds [{keys}]: giving it up here' },

  // authentication and protocol (log-lines 8)
  replay: { level: 'ERROR', text: 'should_drop_message: attempted replay attack [{node}]? [gen = {gen}, curgen = {current}]' },
  badSequence: { level: 'ERROR', text: 'should_drop_message: bad sequence number' },
  missingField: { level: 'ERROR', text: 'process_clustermsg: missing from/ts/type: iface {link}, from {from}' },
  missingSequence: { level: 'ERROR', text: 'process_clustermsg: missing seqno: iface {link}, from {from}' },
  authMismatch: { level: 'ERROR', text: 'authtoken does not match: packet from {from} over {medium} refused' },
  authUnknownKey: { level: 'WARN', text: 'Invalid authentication [{index}] in message! (from {from} over {medium})' },
  authMalformed: { level: 'WARN', text: 'Bad/invalid netstring auth string (from {from} over {medium})' },
  weakKey: {
    level: 'WARN',
    text: 'node {node} signs with key {index} ({method}), weaker than key {own} of our auth line: accepted from it alone, until it signs with a stronger one',
  },
  weakKeyOver: { level: 'info', text: 'node {node} signs with key {index} ({method}): weaker keys are not accepted from it any more' },
  weakKeyRefused: {
    level: 'WARN',
    text: 'packet in the name of {node} from {from} refused: signed with key {index} ({method}), weaker than our auth line and than what {node} signs with',
  },
  weakLife: { level: 'WARN', text: 'node {node} is heard with a stronger key: what was said in its name with the weaker one is void' },
  signingAs: {
    level: 'info',
    text: 'packets are signed with key {index} ({method}), as {node} does, until both nodes have the same auth line',
  },
  signingOwn: { level: 'info', text: 'packets are signed with key {index} ({method}), as our auth line says' },
  badPacket: { level: 'ERROR', text: 'unreadable packet from {from} over {medium} refused: {fault}' },
  unknownCompression: {
    level: 'ERROR',
    text: 'compressed packet from {from} over {medium} refused: its algorithm is not available on this host (zlib always is, bz2 with libbz2)',
  },
  badCompression: {
    level: 'ERROR',
    text: 'compressed packet from {from} over {medium} refused: no whole message of up to 2 MiB comes out',
  },
  refusedMore: { level: 'WARN', text: '{count} more packets refused in {seconds} seconds (last: {code} from {from})' },
  badResourceType: { level: 'ERROR', text: 'encode_resources: bad resource type [{word}]' },
  resourceWithoutHold: { level: 'ERROR', text: 'resource message without rsc_hold field.' },
  statusWithoutSt: { level: 'ERROR', text: 'HBDoMsg_T_STATUS: status update without st field' },

  // local programs (log-lines 9)
  clientUnauthorized: { level: 'WARN', text: 'Client [{name}] pid {pid} failed authorization [{reason}]' },
  clientNotAdded: { level: 'ERROR', text: 'api_process_registration_msg: cannot add client({name})' },
  clientBadRegistration: { level: 'ERROR', text: 'api_process_registration_msg: bad message' },
  clientCasualMessage: { level: 'info', text: 'api_process_request: general message from casual client!' },
  clientBadRequest: { level: 'ERROR', text: 'api_process_request: bad request [{request}] from client {name}' },
  clientWithoutRequest: { level: 'ERROR', text: 'api_process_request: no fromid/pid/reqtype in message.' },
  clientGarbage: { level: 'WARN', text: 'client {name} (pid {pid}) wrote what is no message: disconnected' },
  clientAhead: { level: 'WARN', text: 'client {name} (pid {pid}) writes faster than the other nodes take it: disconnected' },
  clientsFull: { level: 'WARN', text: '{count} local programs are connected: no room for another (pid {pid})' },
  localRefused: { level: 'WARN', text: 'message of type [{type}] from {from} refused: {reason}' },
  localGarbage: { level: 'WARN', text: 'what was written to the FIFO is no message: skipped' },
  // programs of respawn and failfast (log-lines 9)
  programExited: { level: 'WARN', text: 'Managed {command} process {child} exited with return code {status}.' },
  programSignalled: { level: 'WARN', text: 'Managed {command} process {child} killed by signal {signal} [{name}].' },
  programNotStarted: { level: 'ERROR', text: 'client "{command}" cannot be started as {user}: {detail}' },
  programAgain: { level: 'ERROR', text: 'Respawning client "{command}":' },
  programTooFast: { level: 'ERROR', text: 'Client {command} "respawning too fast"' },
  programNotRunning: { level: 'info', text: 'client [{command}] is not running.' },
  programKilled: { level: 'WARN', text: 'client "{command}" has not ended on SIGTERM: it gets SIGKILL' },
  programStays: { level: 'WARN', text: 'client "{command}" has not ended on SIGKILL: going on without it' },
  failfastReset: { level: 'EMERG', text: 'Rebooting system.  Reason: {command}' },

  // media
  mediumFailed: { level: 'ERROR', text: '{medium}: {detail}; trying to reopen it' },
  mediumReopened: { level: 'info', text: '{medium}: reopened' },
  noMediaLeft: { level: 'CRIT', text: 'send_to_all_media: No working comm channels to write to.' },
} as const satisfies Readonly<Record<string, NoteForm>>;

export type NoteCode = keyof typeof NOTES;

export function note(code: NoteCode, facts: Readonly<Record<string, string | number>> = {}): Note {
  return { code, facts };
}

export interface RenderedNote {
  readonly level: Level;
  readonly text: string;
  readonly tag?: string;
}

/** The level and the finished text. A fact that is missing shows as `?`, never as an exception. */
export function renderNote({ code, facts }: Note): RenderedNote {
  const form: NoteForm = NOTES[code as NoteCode] ?? { level: 'ERROR', text: `note ${code}` };
  const text = form.text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '?'));
  return form.tag === undefined ? { level: form.level, text } : { level: form.level, text, tag: form.tag };
}
