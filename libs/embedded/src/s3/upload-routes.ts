import { rm } from "node:fs/promises";
import { receiveBody, receiveText } from "./body.ts";
import { S3Error } from "./errors.ts";
import { checksumHeaders, keptHeaders } from "./object-routes.ts";
import { type Call, type Reply, type Route, xmlReply } from "./route.ts";
import type { Upload } from "./uploads.ts";
import { innerXml, texts, type XmlElement } from "./xml.ts";

/** Multipart uploads: begin, send parts in any order, complete or abort. */
export const uploadRoutes: readonly Route[] = [
  { on: "object", method: "POST", with: "uploads", handle: createUpload },
  { on: "object", method: "PUT", with: "uploadId", handle: putPart },
  { on: "object", method: "GET", with: "uploadId", handle: listParts },
  { on: "object", method: "POST", with: "uploadId", handle: completeUpload },
  { on: "object", method: "DELETE", with: "uploadId", handle: abortUpload },
  { on: "bucket", method: "GET", with: "uploads", handle: listUploads },
];

function createUpload({ request, uploads }: Call): Reply {
  const upload = uploads.create(request.bucket, request.key, keptHeaders(request));
  return xmlReply("InitiateMultipartUploadResult", [...placeOf(upload), ["UploadId", upload.id]]);
}

async function putPart(call: Call): Promise<Reply> {
  const { request, payload, objects, uploads } = call;
  const upload = uploadOf(call);
  if (request.header("x-amz-copy-source") !== undefined)
    throw new S3Error("NotImplemented", "This server copies no parts: upload them.");
  const body = await receiveBody(request, payload, objects.tempDir);
  try {
    const part = uploads.putPart(upload, Number(request.param("partNumber")), body);
    return { status: 200, headers: { etag: `"${part.etag}"`, ...checksumHeaders(body.checksums) } };
  } catch (error) {
    await rm(body.file, { force: true });
    throw error;
  }
}

function listParts(call: Call): Reply {
  const upload = uploadOf(call);
  const parts = call.uploads.parts(upload);
  return xmlReply("ListPartsResult", [
    ...placeOf(upload),
    ["UploadId", upload.id],
    ["IsTruncated", false],
    ...parts.map(
      ({ number, etag, sizeBytes }): XmlElement => [
        "Part",
        [
          ["PartNumber", number],
          ["ETag", `"${etag}"`],
          ["Size", sizeBytes],
        ],
      ],
    ),
  ]);
}

async function completeUpload(call: Call): Promise<Reply> {
  const { request, payload, objects, uploads } = call;
  const upload = uploadOf(call);
  const xml = await receiveText(request, payload, objects.tempDir);
  const wanted = innerXml(xml, "Part").map((part) => ({
    number: Number(texts(part, "PartNumber")[0]),
    etag: (texts(part, "ETag")[0] ?? "").replaceAll('"', ""),
  }));
  const body = await uploads.assemble(upload, wanted, objects.tempDir).catch((error) => {
    // Completed or aborted by another request while the parts were joined: their files are gone.
    uploadOf(call);
    throw error;
  });
  try {
    uploadOf(call);
  } catch (error) {
    await rm(body.file, { force: true });
    throw error;
  }
  const object = objects.put(upload.bucket, upload.key, body, upload.headers);
  uploads.remove(upload);
  return xmlReply("CompleteMultipartUploadResult", [
    ["Location", request.path],
    ...placeOf(upload),
    ["ETag", `"${object.etag}"`],
  ]);
}

function abortUpload(call: Call): Reply {
  call.uploads.remove(uploadOf(call));
  return { status: 204 };
}

function listUploads({ request, uploads }: Call): Reply {
  const prefix = request.param("prefix") ?? "";
  const begun = uploads.list(request.bucket).filter(({ key }) => key.startsWith(prefix));
  return xmlReply("ListMultipartUploadsResult", [
    ["Bucket", request.bucket],
    ["Prefix", prefix],
    ["IsTruncated", false],
    ...begun.map(
      ({ key, id, startedMs }): XmlElement => [
        "Upload",
        [
          ["Key", key],
          ["UploadId", id],
          ["Initiated", new Date(startedMs).toISOString()],
        ],
      ],
    ),
  ]);
}

function uploadOf({ request, uploads }: Call): Upload {
  return uploads.get(request.param("uploadId") ?? "", request.bucket, request.key);
}

function placeOf(upload: Upload): XmlElement[] {
  return [
    ["Bucket", upload.bucket],
    ["Key", upload.key],
  ];
}
