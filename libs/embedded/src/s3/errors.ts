/** The errors this server answers, with S3's own names; R2 uses the same ones. */
const errors = {
  AccessDenied: [403, "Access Denied."],
  AuthorizationQueryParametersError: [400, "The signed URL's X-Amz parameters are not well formed."],
  BadDigest: [400, "The body does not match the checksum that was sent with it."],
  BucketAlreadyOwnedByYou: [409, "You own a bucket of this name already."],
  BucketNotEmpty: [409, "The bucket still holds objects."],
  EntityTooSmall: [400, "Every part but the last must have at least 5 MiB."],
  IncompleteBody: [400, "The body is shorter or longer than was said."],
  InternalError: [500, "This server failed; its log says how."],
  InvalidAccessKeyId: [403, "There is no such access key."],
  InvalidArgument: [400, "An argument is not valid."],
  InvalidBucketName: [400, "Bucket names have 3 to 63 lower-case letters, digits, dots and hyphens."],
  InvalidPart: [400, "A part was not uploaded, or its ETag differs."],
  InvalidPartOrder: [400, "The parts must be listed by rising number."],
  InvalidRange: [416, "The range begins after the object's end."],
  InvalidRequest: [400, "The request is not well formed."],
  KeyTooLongError: [400, "A key has at most 1024 bytes."],
  MalformedXML: [400, "The body is not the XML that this call takes."],
  MethodNotAllowed: [405, "This address does not take this method."],
  MissingContentLength: [411, "Say the body's length: Content-Length, or X-Amz-Decoded-Content-Length for a chunked one."],
  NoSuchBucket: [404, "There is no such bucket."],
  NoSuchCORSConfiguration: [404, "The bucket has no CORS rules."],
  NoSuchKey: [404, "There is no object under this key."],
  NoSuchLifecycleConfiguration: [404, "The bucket has no lifecycle rules."],
  NoSuchUpload: [404, "There is no such multipart upload: it was completed, aborted, or belongs to another key."],
  NotImplemented: [501, "This server does not do this."],
  PreconditionFailed: [412, "A condition of the request does not hold."],
  RequestTimeTooSkewed: [403, "The request's date is more than 15 minutes away from this server's clock."],
  ServiceUnavailable: [503, "Refused on purpose: a test asked for it."],
  SignatureDoesNotMatch: [403, "The signature is not the one that this request and the secret key make."],
  XAmzContentSHA256Mismatch: [400, "The body does not match x-amz-content-sha256."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type S3ErrorCode = keyof typeof errors;

/** An answer that is an error: its code becomes the XML's, its status the answer's. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message: string = errors[code][1], headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "S3Error";
    this.code = code;
    this.status = errors[code][0];
    this.headers = headers;
  }
}
