import { join } from 'node:path';
import { RingError } from '../base/error.ts';

/** The errors of a store, each with the way out. None of them changes what the store holds. */

/** Damage that makes a start unsafe; `what` names the file or record and what is wrong with it. */
export function storeDamaged(directory: string, what: string, cause?: unknown): RingError {
  return damaged(directory, what, restoring, cause);
}

/** Damage in the last write of a log, which is no damage if a power cut tore it. Only the operator knows. */
export function lastWriteDamaged(directory: string, log: string, at: number): RingError {
  const cutting =
    'if it was a power cut that ended this node, that write was never acknowledged: keep a copy of the directory, cut the ' +
    `file off there (truncate -s ${at} ${join(directory, log)}) and start again; else the write must not be forgotten: `;
  return damaged(
    directory,
    `the last write in ${log}, at byte ${at}, does not match its checksum`,
    cutting + restoring,
  );
}

const restoring =
  'restore the directory from a copy taken while the node was stopped; or move it aside and start with an empty one ' +
  'and --join-as-new, which makes a new node: the old one stays a dead member with a vote; or, on a copy and with all ' +
  'other members up, let LevelDB rescue what it can with ClassicLevel.repair(directory) of the npm package classic-level';

function damaged(directory: string, what: string, hint: string, cause?: unknown): RingError {
  return new RingError('STORE_DAMAGED', `the store in ${directory} is damaged: ${what}`, {
    hint,
    details: { directory },
    cause,
  });
}

/** Turns what LevelDB or the file system said while opening into one of our errors. */
export function refusalOfOpening(directory: string, error: unknown): RingError {
  return refusalOfSystem(directory, error) ?? storeDamaged(directory, innermost(error).text, error);
}

/** The same, of what they said while this part was read. */
export function refusalOfReading(directory: string, part: string, error: unknown): RingError {
  const what = `${part} cannot be read: ${innermost(error).text}`;
  return refusalOfSystem(directory, error) ?? storeDamaged(directory, what, error);
}

/** The refusal of what is no damage but the system's word on the directory, the disk or the process; null for anything else. */
function refusalOfSystem(directory: string, error: unknown): RingError | null {
  if (error instanceof RingError) return error;
  const { code, text } = innermost(error);
  // LevelDB's word for a lock of this process, and the systems' for one of another.
  if (code === 'LEVEL_LOCKED' && /already held|temporarily unavailable|used by another process/i.test(text)) {
    return new RingError('STORE_IN_USE', `the store in ${directory} is in use by another process`, {
      hint: 'stop the other node, or give this one a data directory of its own; two nodes never share one',
      details: { directory },
      cause: error,
    });
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') return unusable(directory, 'it is not a directory', error);
  if (code === 'ENAMETOOLONG' || /name too long/i.test(text)) return unusable(directory, 'its path is too long', error);
  // Of the files inside none is asked for by name that need be there: it is the directory itself that cannot be reached.
  if (code === 'ENOENT' || code === 'ELOOP') {
    return unusable(directory, 'it leads to nothing, as a link does to a disk that is not mounted', error);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || /permission denied|read-only/i.test(text)) {
    return unusable(directory, 'no permission to write there', error);
  }
  const full = code === 'ENOSPC' || code === 'EDQUOT' || /no space left|quota exceeded/i.test(text);
  if (full) return unusable(directory, 'the disk is full', error);
  if (code === 'EMFILE' || code === 'ENFILE' || /too many open files/i.test(text)) {
    return notNow(directory, error, 'let this process open more files (ulimit -n) and start it again');
  }
  if (code === 'LEVEL_LOCKED') {
    return notNow(
      directory,
      error,
      'see to the locks of its file system (on NFS, the lock service), or use a local disk',
    );
  }
  // To LevelDB a file that it names and does not find is damage; what else the system says of a file is not.
  const missing = code === 'LEVEL_IO_ERROR' && /no such file/i.test(text);
  if (missing || (code !== 'LEVEL_IO_ERROR' && !/^E[A-Z0-9]+$/.test(code))) return null;
  return notNow(directory, error, 'see to the disk or the file system that it is on, and start the node again');
}

function notNow(directory: string, error: unknown, hint: string): RingError {
  return new RingError('UNAVAILABLE', `the store in ${directory} cannot be opened: ${innermost(error).text}`, {
    hint: `${hint}; the store is as it was`,
    details: { directory },
    cause: error,
  });
}

/** A write that the disk refused. */
export function refusalOfWriting(directory: string, error: unknown): RingError {
  return new RingError('UNAVAILABLE', `the store in ${directory} could not be written: ${innermost(error).text}`, {
    hint: 'see to the disk (space, permissions, health) and start the node again; nothing that was acknowledged is lost',
    details: { directory },
    cause: error,
  });
}

function unusable(directory: string, why: string, cause: unknown): RingError {
  return new RingError('INVALID_CONFIG', `${directory} cannot be the data directory: ${why}`, {
    hint: 'give a directory that this user can write to, on a disk that is mounted; it is made if it does not exist',
    details: { directory },
    cause,
  });
}

/** The code and text of the error at the bottom of the chain of causes. Total: never throws. */
function innermost(error: unknown): { code: string; text: string } {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (!(at instanceof Error)) return { code: '', text: String(at) };
  return { code: 'code' in at ? String(at.code) : '', text: at.message };
}
