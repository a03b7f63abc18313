import { S3ServiceException } from "@aws-sdk/client-s3";
import { DeclaredError } from "@viralclaw/contracts/errors";

/** Lets an abort through as its own reason and turns everything else that the store may answer into one declared error. */
export async function declared<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw new DeclaredError("disk_full", {}, { cause: error });
    throw new DeclaredError("store_unavailable", {}, { cause: error });
  }
}

/** Whether the store says that there is no such key, or no such upload in parts. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

/** For catch(): what is not there is undefined, and any other error goes on. */
export function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
