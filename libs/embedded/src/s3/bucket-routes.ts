import { receiveText } from "./body.ts";
import { S3Error } from "./errors.ts";
import { listKeys } from "./listing.ts";
import type { BucketSetting } from "./objects.ts";
import { type Call, type Reply, type Route, xmlReply } from "./route.ts";
import { encode } from "./signature.ts";
import type { XmlElement } from "./xml.ts";
import { innerXml, texts } from "./xml.ts";

export const bucketRoutes: readonly Route[] = [
  { on: "service", method: "GET", handle: listBuckets },
  { on: "bucket", method: "PUT", handle: createBucket },
  { on: "bucket", method: "HEAD", handle: () => ({ status: 200 }) },
  { on: "bucket", method: "DELETE", handle: deleteBucket },
  { on: "bucket", method: "GET", handle: listObjects },
  { on: "bucket", method: "GET", with: "location", handle: () => xmlReply("LocationConstraint", []) },
  { on: "bucket", method: "POST", with: "delete", handle: deleteObjects },
  ...settingRoutes("cors", "NoSuchCORSConfiguration"),
  ...settingRoutes("lifecycle", "NoSuchLifecycleConfiguration"),
];

function listBuckets({ objects }: Call): Reply {
  return xmlReply("ListAllMyBucketsResult", [
    ["Buckets", objects.buckets().map((bucket): XmlElement => ["Bucket", [["Name", bucket]]])],
  ]);
}

/** The one operation on a bucket that need not be there. */
export function createBucket({ request, objects }: Call): Reply {
  objects.createBucket(request.bucket);
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

function deleteBucket({ request, objects }: Call): Reply {
  objects.deleteBucket(request.bucket);
  return { status: 204 };
}

/** S3's page size, and its most. */
const maxKeysPerPage = 1000;

function listObjects({ request, objects }: Call): Reply {
  const isV2 = request.param("list-type") === "2";
  const token = request.param("continuation-token");
  const after = token === undefined ? request.param(isV2 ? "start-after" : "marker") : Buffer.from(token, "base64url").toString();
  const prefix = request.param("prefix") ?? "";
  const delimiter = request.param("delimiter") ?? "";
  const max = Number(request.param("max-keys") ?? maxKeysPerPage);
  if (!(Number.isInteger(max) && max >= 0)) throw new S3Error("InvalidArgument", "max-keys must be a whole number.");

  const page = listKeys(objects.keys(request.bucket), {
    prefix,
    delimiter,
    after: after ?? "",
    max: Math.min(max, maxKeysPerPage),
  });
  const shown =
    request.param("encoding-type") === "url" ? (text: string) => encode(text).replaceAll("%2F", "/") : (text: string) => text;
  const contents = page.keys.flatMap((key): XmlElement[] => {
    const object = objects.get(request.bucket, key);
    if (!object) return [];
    const { modifiedMs, etag, sizeBytes } = object;
    return [
      [
        "Contents",
        [
          ["Key", shown(key)],
          ["LastModified", new Date(modifiedMs).toISOString()],
          ["ETag", `"${etag}"`],
          ["Size", sizeBytes],
          ["StorageClass", "STANDARD"],
        ],
      ],
    ];
  });
  const next: XmlElement[] =
    page.next === undefined
      ? []
      : [isV2 ? ["NextContinuationToken", Buffer.from(page.next).toString("base64url")] : ["NextMarker", shown(page.next)]];
  return xmlReply("ListBucketResult", [
    ["Name", request.bucket],
    ["Prefix", shown(prefix)],
    ["MaxKeys", max],
    ["IsTruncated", page.next !== undefined],
    ...(isV2 ? [["KeyCount", page.keys.length + page.commonPrefixes.length] as const] : []),
    ...next,
    ...contents,
    ...page.commonPrefixes.map((common): XmlElement => ["CommonPrefixes", [["Prefix", shown(common)]]]),
  ]);
}

async function deleteObjects({ request, payload, objects }: Call): Promise<Reply> {
  const xml = await receiveText(request, payload, objects.tempDir);
  const keys = innerXml(xml, "Object").flatMap((object) => texts(object, "Key").slice(0, 1));
  if (keys.length === 0 || keys.length > maxKeysPerPage)
    throw new S3Error("MalformedXML", `From 1 to ${maxKeysPerPage} objects can be deleted at once.`);
  for (const key of keys) objects.delete(request.bucket, key);
  const quiet = texts(xml, "Quiet")[0] === "true";
  return xmlReply("DeleteResult", quiet ? [] : keys.map((key): XmlElement => ["Deleted", [["Key", key]]]));
}

/** A setting is kept and given back as it was sent. Lifecycle rules are not acted on. */
function settingRoutes(name: BucketSetting, codeIfMissing: "NoSuchCORSConfiguration" | "NoSuchLifecycleConfiguration"): Route[] {
  return [
    {
      on: "bucket",
      method: "PUT",
      with: name,
      async handle({ request, payload, objects }) {
        objects.saveSetting(request.bucket, name, await receiveText(request, payload, objects.tempDir));
        return { status: 200 };
      },
    },
    {
      on: "bucket",
      method: "GET",
      with: name,
      handle({ request, objects }) {
        const xml = objects.setting(request.bucket, name);
        if (xml === undefined) throw new S3Error(codeIfMissing);
        return { status: 200, headers: { "content-type": "application/xml" }, body: xml };
      },
    },
    {
      on: "bucket",
      method: "DELETE",
      with: name,
      handle({ request, objects }) {
        objects.saveSetting(request.bucket, name, undefined);
        return { status: 204 };
      },
    },
  ];
}
