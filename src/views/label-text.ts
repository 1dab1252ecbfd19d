/** What contents are called, as text: paths are cut at their left, so that the name of the file stays. */
import type { PageLabel } from '../figures/name-figures.js';
import { formatCountShort } from './format.js';
import { cutText, nameText, takeLastCells, textWidth } from './text-width.js';

/** Characters of a path that are looked at: more than any screen is wide. */
const PATH_CHARACTERS_MAX = 512;

/** A path made safe to draw. Of a long one the end is kept. */
export function pathText(raw: string, unicode: boolean): string {
  return nameText(raw.slice(-PATH_CHARACTERS_MAX).replace(/^[\udc00-\udfff]/, ''), unicode);
}

/** The part behind the last slash; of a path that ends in one the whole. */
function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === '' ? path : name;
}

/**
 * The path in at most `columns` cells: whole, or its end behind an ellipsis, cut between two folders where that leaves
 * more than the name, or the beginning of its name.
 */
export function fitPath(raw: string, columns: number, unicode: boolean): string {
  const path = pathText(raw, unicode);
  if (textWidth(path) <= columns) return path;
  const ellipsis = unicode ? '…' : '..';
  const name = baseName(path);
  const room = columns - textWidth(ellipsis);
  if (textWidth(name) + 1 > room) return cutText(name, columns, unicode);
  const end = takeLastCells(path, room);
  const folders = end.slice(Math.max(0, end.indexOf('/')));
  // An ellipsis and no folder says no more than the name.
  return folders.lastIndexOf('/') > 0 ? ellipsis + folders : name;
}

/** Where in the file: ` +0x1a000`. */
function offsetText(offset: number): string {
  return ` +0x${offset.toString(16)}`;
}

/**
 * `libc.so.6 +0x1a000` in at most `columns` cells; with the whole path, and how many files more have it, where there
 * is room. The offset goes before the last letters of the name do.
 */
export function labelText({ file, offset, more }: PageLabel, columns: number, unicode: boolean): string {
  const place = offsetText(offset);
  const others = more > 0 ? ` (+${formatCountShort(more)})` : '';
  const path = pathText(file, unicode);
  const name = baseName(path);
  for (const text of [path + place + others, name + place + others, name + place]) {
    if (textWidth(text) <= columns) return text;
  }
  const room = columns - place.length;
  return room >= NAME_CELLS_MIN ? cutText(name, room, unicode) + place : cutText(name, columns, unicode);
}

/** Cells of a name that is cut for its offset. */
const NAME_CELLS_MIN = 8;

/** Everything that is known of where it is from: `/usr/lib/libc.so.6 +0x1a000 (libc6)`, in `columns` cells. */
export function wholeLabelText(label: PageLabel, columns: number, unicode: boolean): string {
  const { package: name, image } = label;
  const around = [name, image === '' ? '' : `image ${nameText(image, unicode)}`].filter((text) => text !== '');
  const rest = around.length === 0 ? '' : ` (${nameText(around.join(', '), unicode)})`;
  const place = offsetText(label.offset) + rest;
  const room = columns - textWidth(place);
  // What it is of must not take the room of its name.
  if (textWidth(baseName(pathText(label.file, unicode))) > room)
    return labelText({ ...label, more: 0 }, columns, unicode);
  return fitPath(label.file, room, unicode) + place;
}

/** `and 3 more files`; empty where there are none. */
export function moreFilesText(label: PageLabel): string {
  if (label.more === 0) return '';
  return `and ${formatCountShort(label.more)} more file${label.more === 1 ? '' : 's'}`;
}
