/**
 * Where the last value of each bucket is found, one of three places, in a bit or two each: columns of so few bits are not
 * worth a code of their own.
 *
 *   places := byte 0 to 2: all are that one  |  byte 3 + m, bits, least first, filled up to a byte: 0 for m, 1 0 for the lesser of
 *             the two others, 1 1 for the greater
 */
import { type ByteReader, type ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';

const PLACES = 3;

/** Writes the first `count` places, each 0 to 2. */
export function writePlaces(writer: ByteWriter, places: Uint8Array, count: number): void {
  let ones = 0;
  let twos = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i] as number;
    ones += place & 1;
    twos += place >> 1;
  }
  const zeros = count - ones - twos;
  const most = zeros >= ones && zeros >= twos ? 0 : ones >= twos ? 1 : 2;
  if (Math.max(zeros, ones, twos) === count) {
    writer.byte(most);
    return;
  }
  writer.byte(PLACES + most);
  const greater = most === 2 ? 1 : 2;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i] as number;
    if (place === most) bits += 1;
    else {
      held |= (place === greater ? 3 : 1) << bits;
      bits += 2;
    }
    if (bits < 8) continue;
    writer.byte(held & 255);
    held >>= 8;
    bits -= 8;
  }
  if (bits > 0) writer.byte(held);
}

/** Fills `places` from 0; throws WireError where the bytes make no sense. */
export function readPlaces(reader: ByteReader, places: Uint8Array, count: number): void {
  const form = reader.byte();
  if (form >= 2 * PLACES) throw new WireError(`places of form ${form}`);
  if (form < PLACES) {
    places.fill(form, 0, count);
    return;
  }
  const most = form - PLACES;
  const lesser = most === 0 ? 1 : 0;
  const greater = most === 2 ? 1 : 2;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    if (bits < 2) {
      // The second bit may not be needed any more: then there is no byte for it.
      if (bits === 0 || (held & 1) === 1) {
        held |= reader.byte() << bits;
        bits += 8;
      }
    }
    if ((held & 1) === 0) {
      places[i] = most;
      held >>= 1;
      bits -= 1;
    } else {
      places[i] = held & 2 ? greater : lesser;
      held >>= 2;
      bits -= 2;
    }
  }
}
