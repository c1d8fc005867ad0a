// Files that TensorBoard reads: TFRecords of Event messages (tensorflow/core/util/event.proto and framework/summary.proto).
import type { Files } from '../../../platform/index.ts';
import { maskedCrc32c } from './crc32c.ts';
import { type Histogram, histogram } from './histogram.ts';
import { chosenFloat, concat, double, doubles, nested, text, whole } from './protobuf.ts';

/** One file in a folder, made when there is something to write. What is added waits for the next flush. */
export class EventFile {
  private readonly files: Files;
  private readonly folder: string;
  private path: string | null = null;
  private waiting: Uint8Array[] = [];

  constructor(files: Files, folder: string) {
    this.files = files;
    this.folder = folder;
  }

  scalar(tag: string, step: number, value: number): void {
    this.add(step, concat([text(1, tag), chosenFloat(2, value)]));
  }

  /** Of the finite values; nothing where there are none. */
  histogram(tag: string, step: number, values: ArrayLike<number>): void {
    const found = histogram(values);
    if (found) this.add(step, concat([text(1, tag), nested(5, histogramMessage(found))]));
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const records = concat(this.waiting);
    this.waiting = [];
    this.path ??= await this.begin();
    await this.files.append(this.path, records);
  }

  private add(step: number, value: Uint8Array): void {
    this.waiting.push(record(event(whole(2, step), nested(5, nested(1, value)))));
  }

  /** Makes the file. A run that began in the same second has its name already: this one then gets a number. */
  private async begin(): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${this.files.hostName()}`;
    const first = record(event(text(3, 'brain.Event:2')));
    for (let i = 0; ; i++) {
      const path = this.files.join(this.folder, i === 0 ? name : `${name}.${i}`);
      if (await this.files.create(path, first)) return path;
    }
  }
}

function event(...fields: Uint8Array[]): Uint8Array {
  return concat([double(1, Date.now() / 1000), ...fields]);
}

function histogramMessage({ min, max, num, sum, sumSquares, limits, counts }: Histogram): Uint8Array {
  return concat([
    ...[min, max, num, sum, sumSquares].map((value, i) => double(i + 1, value)),
    doubles(6, limits),
    doubles(7, counts),
  ]);
}

/** Length, its checksum, the payload, its checksum. */
function record(payload: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(payload.length), true);
  return concat([length, checksum(length), payload, checksum(payload)]);
}

function checksum(bytes: Uint8Array): Uint8Array {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setUint32(0, maskedCrc32c(bytes), true);
  return four;
}
