/**
 * The files of one folder of the host, for a program's semihosting. Nothing outside the folder is reached:
 * not by an absolute path, not by "..", not by a symbolic link; and nothing that is no plain file.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { constants as os } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { type FileRefusal, type HostFiles, type OpenHow, UserError } from '../../../emulator/index.js';

const EACCES = 13;
const EISDIR = 21;
const EIO = 5;
/** newlib numbers these as Linux does; others become EIO. */
const PASSED_ON = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'EEXIST',
  'ENOTDIR',
  'EISDIR',
  'ENOSPC',
  'EROFS',
  'ENAMETOOLONG',
];

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC } = constants;

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A program's names are UTF-8; here they come a character a byte. */
function hostName(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

export class FolderFiles implements HostFiles {
  private readonly root: string;

  /** @param folder an existing folder. @throws UserError when it is none */
  constructor(option: string, folder: string) {
    if (!isFolder(folder)) {
      throw new UserError({
        code: 'folder-missing',
        what: `option ${option}: ${JSON.stringify(folder)}`,
        expected: 'must be a folder that exists',
        fix: 'make it, or give another',
      });
    }
    this.root = realpathSync(folder);
  }

  open(path: string, { write, create, truncate }: OpenHow): FileRefusal | undefined {
    const flags = (write ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0) | (truncate ? O_TRUNC : 0);
    return this.withFile(path, flags, () => undefined);
  }

  length(path: string): number {
    let length = -1;
    this.withFile(path, O_RDONLY, (file) => {
      length = fstatSync(file).size;
    });
    return length;
  }

  read(path: string, position: number, length: number): Uint8Array | undefined {
    let bytes: Uint8Array | undefined;
    this.withFile(path, O_RDONLY, (file) => {
      const buffer = new Uint8Array(length);
      bytes = buffer.subarray(0, readSync(file, buffer, 0, length, position));
    });
    return bytes;
  }

  write(path: string, position: number, bytes: Uint8Array): boolean {
    let written = 0;
    this.withFile(path, O_RDWR, (file) => {
      written = writeSync(file, bytes, 0, bytes.length, position);
    });
    return written === bytes.length;
  }

  remove(path: string): FileRefusal | undefined {
    return this.within(path, (place) => {
      unlinkSync(place);
      return undefined;
    });
  }

  rename(from: string, to: string): FileRefusal | undefined {
    return this.within(from, (source) =>
      this.within(to, (target) => {
        renameSync(source, target);
        return undefined;
      }),
    );
  }

  private withFile(path: string, flags: number, act: (file: number) => void): FileRefusal | undefined {
    return this.within(path, (place) => {
      // The host may have changed what the name means since it was checked: no link, no waiting.
      const file = openSync(place, flags | O_NOFOLLOW | O_NONBLOCK, 0o666);
      try {
        act(file);
      } finally {
        closeSync(file);
      }
      return undefined;
    });
  }

  /** Acts on the place in the folder that a path names. */
  private within(path: string, act: (place: string) => FileRefusal | undefined): FileRefusal | undefined {
    try {
      const place = this.placeOf(hostName(path));
      return typeof place === 'string' ? act(place) : place;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const errno = PASSED_ON.includes(code) ? os.errno[code as keyof typeof os.errno] : EIO;
      return { errno };
    }
  }

  private placeOf(path: string): string | FileRefusal {
    const parts = path.split('/');
    if (parts.every((part) => part === '' || part === '.') && !path.startsWith('/')) return { errno: EISDIR };
    if (path.startsWith('/') || parts.includes('..') || path.includes('\0'))
      return { errno: EACCES, rule: 'a path must stay in the folder: relative, without ".."' };
    // Behind a slash at the end a link would be followed.
    const place = join(this.root, path.replace(/\/+$/, ''));
    const folder = realpathSync(dirname(place));
    const inside = this.root.endsWith(sep) ? this.root : this.root + sep;
    if (folder !== this.root && !folder.startsWith(inside))
      return { errno: EACCES, rule: 'a symbolic link leads out of the folder' };
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined || found.isFile() || found.isDirectory()) return place;
    return { errno: EACCES, rule: 'it is no plain file (a link, a device or a pipe)' };
  }
}
