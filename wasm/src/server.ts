// The package for servers and tests: whole requests are judged, too.
import { engineOf, Op, type Accepted, type Body, type ContactPatch, type Engine, type Options, type Refused } from "./engine.js";
import { own, open } from "./inline-source.js";
import { loader } from "./load.js";
import type { Module } from "./shim.js";

export * from "./inline.js";

/** A request as the operation receives it. */
export interface UpdateRequest {
  pathId: string;
  scopes: string[];
  contentType: string;
  idempotencyKey?: string | undefined;
  body: Body;
}

export interface Update extends Accepted<ContactPatch> {
  id: string;
  idempotencyKey: string;
}

export interface ServerEngine extends Engine {
  /** Judges a request: scope, media type, key, path id and body. */
  parseUpdate(request: UpdateRequest, options?: Options): Update | Refused;
}

const start = (module: Module) =>
  engineOf<ServerEngine>(module, (result, separator) => ({
    parseUpdate: ({ pathId, contentType, idempotencyKey = "", scopes, body }, options) =>
      result(Op.ParseUpdate, [pathId, contentType, idempotencyKey, scopes.join(separator), body], options),
  }));

/** Loads the engine, by default from what this package holds. Calls for one place share one engine. */
export const load = loader(own, open, start);
