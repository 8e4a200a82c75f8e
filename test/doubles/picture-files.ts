// Picture files of the four kinds, made here: small, whole, and of the size that is asked for.
import { crc32, deflateSync } from "node:zlib";

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG of one colour; `text` makes its bytes its own. */
export function png(width: number, height: number, text = ""): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from(`Comment\0${text}`, "latin1")),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A JPEG as far as its headers go, filled up to `bytes`; `text` makes its bytes its own. */
export function jpeg(width: number, height: number, text = "", bytes = 0): Buffer {
  const comment = Buffer.from(text.slice(0, 60_000), "latin1");
  const size = (value: number) => [value >> 8, value & 0xff];
  const before = Buffer.from([
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0],
    ...[0xff, 0xfe, ...size(comment.length + 2), ...comment],
    ...[0xff, 0xc0, 0, 11, 8, ...size(height), ...size(width), 1, 1, 0x11, 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
  ]);
  const filling = Buffer.alloc(Math.max(0, bytes - before.length - 2), 0x55);
  return Buffer.concat([before, filling, Buffer.from([0xff, 0xd9])]);
}

/** A GIF of one frame. */
export function gif(width: number, height: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  return Buffer.concat([
    Buffer.from("GIF89a", "latin1"),
    size,
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    Buffer.from([0x2c, 0, 0, 0, 0, ...size, 0, 2, 2, 0x44, 1, 0, 0x3b]),
  ]);
}

/** A WebP (lossless) as far as its headers go. */
export function webp(width: number, height: number): Buffer {
  const bits = (width - 1) | ((height - 1) << 14);
  const data = Buffer.alloc(14);
  data[0] = 0x2f;
  data.writeUInt32LE(bits >>> 0, 1);
  const inner = Buffer.concat([
    Buffer.from("WEBPVP8L", "latin1"),
    Buffer.from([14, 0, 0, 0]),
    data,
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(inner.length);
  return Buffer.concat([Buffer.from("RIFF", "latin1"), length, inner]);
}
