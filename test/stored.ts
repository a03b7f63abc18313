import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Product } from "./product.ts";

/** The keys of everything in a running product's store whose key begins so. */
export async function objectKeys({ system: { servers } }: Product, prefix = ""): Promise<string[]> {
  const client = new S3Client({ endpoint: servers.s3.url, region: "auto", forcePathStyle: true, credentials: servers.s3 });
  const keys: string[] = [];
  for (let token: string | undefined; ; ) {
    const asked = { Bucket: "viralclip-output", Prefix: prefix, ContinuationToken: token };
    const page = await client.send(new ListObjectsV2Command(asked));
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    token = page.NextContinuationToken;
    if (!token) break;
  }
  client.destroy();
  return keys;
}
