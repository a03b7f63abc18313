import type { Declaration } from "./errors.ts";

/** What may end a job. `status` is what an HTTP answer of that kind would have. errors.ts says what each field means. */
export const stageErrors = {
  // ---- ingest
  host_not_public: {
    status: 422,
    retryable: false,
    title: "Address not public",
    detail: "{host} is not an address of the public internet.",
    fix: "Give an http or https URL that anyone can open, or post the file itself.",
  },
  source_url_invalid: {
    status: 422,
    retryable: false,
    title: "URL not usable",
    detail: "The video's URL cannot be used: {reason}.",
    fix: "Give a plain http or https URL of the video that anyone can open, or post the file itself.",
  },
  source_gone: {
    status: 422,
    retryable: false,
    title: "Video not found",
    detail: "The server at {host} says that the video is not there ({http_status}).",
    fix: "Check the URL in a private browser window; signed URLs may have expired.",
  },
  source_refused: {
    status: 422,
    retryable: false,
    title: "Download refused",
    detail: "The server at {host} refused the download ({http_status}).",
    fix: "Give a URL that needs no login or cookies, or post the file itself.",
  },
  source_unreachable: {
    status: 422,
    retryable: true,
    title: "Server not reachable",
    detail: "The server at {host} did not deliver the video: {reason}.",
    fix: "Check that the URL opens, or post the file itself.",
  },
  too_many_redirects: {
    status: 422,
    retryable: false,
    title: "Too many redirects",
    detail: "{host} redirected more than {max_redirects} times.",
    fix: "Give the final URL of the video.",
  },
  download_too_slow: {
    status: 422,
    retryable: true,
    title: "Download too slow",
    detail: "{host} delivered less than {min_bytes_per_second} bytes a second, or took over {max_seconds} s.",
    fix: "Put the video on a faster host, or post the file itself.",
  },
  video_too_large: {
    status: 422,
    retryable: false,
    title: "Video too large",
    detail: "The video is over the limit of {max_bytes} bytes.",
    fix: "Compress the video, or cut it.",
  },
  video_too_long: {
    status: 422,
    retryable: false,
    title: "Video too long",
    detail: "The video lasts {duration_s} s; the limit is {max_s} s.",
    fix: "Cut the video to the part you want captioned.",
  },
  video_too_big_picture: {
    status: 422,
    retryable: false,
    title: "Picture too large",
    detail: "The picture is {width}x{height}; the limit is 4096x4096 pixels.",
    fix: "Scale the video down; 1080x1920 is what the networks show.",
  },
  not_a_video: {
    status: 422,
    retryable: false,
    title: "Not a video",
    detail: "The file is not a video that can be read: {reason}.",
    fix: "Give a video file such as mp4, mov or webm; a web page that shows a video is not one.",
  },
  no_audio: {
    status: 422,
    retryable: false,
    title: "No sound",
    detail: "The video has no audio track.",
    fix: "Give a video with speech.",
  },
  disk_full: {
    status: 503,
    retryable: true,
    title: "No room",
    detail: "Our machine has too little room for this video now.",
    fix: "Nothing: it is tried again. If the job failed, post it again later.",
  },

  // ---- transcribe
  no_speech: {
    status: 422,
    retryable: false,
    title: "No speech",
    detail: "Nobody could be heard speaking in this video.",
    fix: "Check that the speech is audible and in the first audio track.",
  },
  language_needs_groq: {
    status: 422,
    retryable: false,
    title: "Language needs Groq",
    detail: "Without a Groq key only English can be recognised; this is {language}.",
    fix: "If the speech is English, send language=en. Otherwise the operator must set GROQ_API_KEY, or GROQ_BASE_URL for a server of the same API.",
  },
  speech_engine_busy: {
    status: 503,
    retryable: true,
    title: "Recogniser busy",
    detail: "The speech recogniser is over its limits.",
    fix: "Nothing: it is tried again. If the job failed, post it again later.",
  },
  speech_engine_failed: {
    status: 502,
    retryable: true,
    title: "Recogniser failed",
    detail: "The speech recogniser did not answer properly: {reason}.",
    fix: "Post the job again; if it goes on, write to contato@viralclip.io.",
  },
  speech_engine_misconfigured: {
    status: 503,
    retryable: false,
    title: "Recogniser not set up",
    detail: "The speech recogniser refuses our key or model.",
    fix: "The operator must check GROQ_API_KEY and GROQ_MODEL.",
  },

  // ---- render
  font_missing: {
    status: 500,
    retryable: false,
    title: "Font missing",
    detail: "The style's font {font} was not used by the renderer; it chose {got}.",
    fix: "Choose another style, and write to contato@viralclip.io.",
  },
  style_not_found: {
    status: 400,
    retryable: false,
    title: "No such style",
    detail: "There is no style {style}.",
    fix: "Choose one of: {styles}.",
  },
  render_failed: {
    status: 500,
    retryable: true,
    title: "Rendering failed",
    detail: "The video could not be rendered: {reason}.",
    fix: "Post the job again; if it goes on, convert the video to H.264 mp4 first.",
  },

  // ---- any stage
  worker_died: {
    status: 500,
    retryable: false,
    title: "Worker died",
    detail: "The stage {stage} was begun {attempts} times and never ended.",
    fix: "Something in this video breaks our worker: convert it to H.264 mp4 and post it again.",
  },
  stage_timeout: {
    status: 504,
    retryable: false,
    title: "Took too long",
    detail: "The stage {stage} was stopped after {max_s} s.",
    fix: "Post a shorter or smaller video.",
  },
  expired: {
    status: 504,
    retryable: true,
    title: "Expired",
    detail: "The job was not done within {hours} hours.",
    fix: "Post the video again; if it goes on, write to contato@viralclip.io.",
  },
  store_unavailable: {
    status: 503,
    retryable: true,
    title: "Store not available",
    detail: "The file store does not answer.",
    fix: "Nothing: it is tried again. If the job failed, post it again later.",
  },
  stage_failed: {
    status: 500,
    retryable: true,
    title: "Our fault",
    detail: "The stage {stage} broke on our side.",
    fix: "Post the job again; if it goes on, write to contato@viralclip.io with the trace_id.",
  },
} as const satisfies Record<string, Declaration>;
