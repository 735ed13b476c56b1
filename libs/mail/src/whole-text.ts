import { Transform, type TransformCallback } from "node:stream";

/** Decodes a text once all of it is there. */
export class WholeText extends Transform {
  private readonly chunks: Buffer[] = [];

  constructor(private readonly decode: (bytes: Buffer) => string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    done(null, this.decode(Buffer.concat(this.chunks)));
  }
}
