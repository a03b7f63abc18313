import * as z from "zod";

/**
 * Every id is a TypeID: a prefix that says what it names and a UUID v7, so that ids sort by time.
 * An id doubles as a message id and as a folder name in the store; nothing else may be put there.
 */
const typeId = <P extends string>(prefix: P, what: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`),
      `must be ${what} id, such as ${prefix}_01jd0000000000000000000000`,
    )
    .meta({ description: `Id of ${what}`, examples: [`${prefix}_01jd0000000000000000000000`] });

export const idPrefixes = { job: "job", fact: "evt", execution: "exe", customer: "cus", key: "key", upload: "upl" } as const;

export const JobId = typeId(idPrefixes.job, "a job");
export const FactId = typeId(idPrefixes.fact, "a fact");
export const ExecutionId = typeId(idPrefixes.execution, "an execution");
export const CustomerId = typeId(idPrefixes.customer, "a customer");
export const KeyId = typeId(idPrefixes.key, "a key");
export const UploadId = typeId(idPrefixes.upload, "an upload");

/**
 * Where everything lies in the store. Each execution of a stage (and a posted file) has a folder of its own and none ever writes
 * into another's, so a zombie that wakes up late cannot overwrite a delivered result.
 */
export const jobFolder = (jobId: string, stage: string, executionId: string) => `${allOfJob(jobId)}${stage}/${executionId}`;
export const allOfJob = (jobId: string) => `${jobsFolder}${jobId}/`;
export const jobsFolder = "jobs/";
/** What was heard, under the hash of the sound and of how it was listened to: jobs share it. */
export const transcriptsFolder = "transcripts/";
/** Encoded pieces of videos, under the hash of all that they follow from: what a later render of the same video need not encode again. */
export const piecesFolder = "pieces/";
export const pieceKey = (customerId: string, hash: string) => `${piecesFolder}${customerId}/${hash}`;
/** The object that a customer sends to the store by itself. Jobs work on copies of it: it may be sent again meanwhile. */
export const uploadKey = (uploadId: string) => `${uploadFolder(uploadId)}source`;
/** The font that was made of an upload when it was first used, checked: what is sent to the upload afterwards changes nothing. */
export const uploadedFontKey = (uploadId: string) => `${uploadFolder(uploadId)}font`;
export const uploadFolder = (uploadId: string) => `uploads/${uploadId}/`;
