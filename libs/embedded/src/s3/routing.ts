import { bucketRoutes } from "./bucket-routes.ts";
import { S3Error } from "./errors.ts";
import { objectRoutes } from "./object-routes.ts";
import type { S3Request } from "./request.ts";
import type { Route } from "./route.ts";
import { uploadRoutes } from "./upload-routes.ts";

/**
 * The route of a request: by what the path names, the method, and the query parameter that makes it another operation.
 *
 * @throws S3Error if there is none.
 */
export function findRoute(request: S3Request): Route {
  const on = request.bucket === "" ? "service" : request.key === "" ? "bucket" : "object";
  const subresource = request.query.map(([name]) => name).find((name) => subresources.has(name));
  const here = routes.filter((route) => route.on === on && route.with === subresource);
  const route = here.find(({ method }) => method === request.method);
  if (route) return route;
  if (here.length > 0 || subresource === undefined) throw new S3Error("MethodNotAllowed");
  throw new S3Error("NotImplemented", `This server does not do ?${subresource} here.`);
}

/** All that this server does. */
const routes: readonly Route[] = [...bucketRoutes, ...uploadRoutes, ...objectRoutes];

/** What S3 does besides. Ignoring such a parameter would do the plain operation: `PUT ?tagging` would overwrite the object with its tags. */
const notDone =
  "accelerate acl analytics attributes encryption intelligent-tiering inventory legal-hold logging metrics notification " +
  "object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select " +
  "tagging torrent versionId versioning versions website";

const subresources: ReadonlySet<string> = new Set([...routes.flatMap((route) => route.with ?? []), ...notDone.split(" ")]);
