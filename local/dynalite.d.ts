declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** Amazon DynamoDB in memory. Times in milliseconds. */
  export default function dynalite(options?: { createTableMs?: number; deleteTableMs?: number }): Server;
}
