/** An open connection to the engine, as every verb of this library receives it. */
import { type Client, type Connection } from '@temporalio/client';

export interface Engine {
  readonly connection: Connection;
  readonly temporal: Client;
  /** `host:port`, for messages. */
  readonly address: string;
  readonly namespace: string;
  /** The name under which this process acts. */
  readonly user: string;
  /** How long one call may take before it counts as not answered, milliseconds. */
  readonly callTimeoutMs: number;
  /** What is under way is cut off, and not tried again. */
  close(): Promise<void>;
}

/** One release, by its business key. */
export interface ReleaseKey {
  readonly service: string;
  readonly version: string;
}
