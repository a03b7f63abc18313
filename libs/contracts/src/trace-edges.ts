import { pipeline, stageNames } from "./pipeline.ts";

/** One span that must be the parent of another, each by its name and the service that made it. */
export interface TraceEdge {
  parent: { service: string; span: string };
  child: { service: string; span: string };
}

/** The edges between services in the trace of a job that ends well, from the pipeline table. A test finds every one of them. */
export function traceEdges(): TraceEdge[] {
  return stageNames.flatMap((stage) => {
    const { service, takes, leadsTo } = pipeline[stage];
    const path = [
      { service: "gateway", span: `publish ${takes}` },
      { service, span: `process ${stage}` },
      { service, span: `publish ${stage} result` },
      { service: "gateway", span: `advance ${stage}` },
      { service: "gateway", span: `publish ${leadsTo}` },
    ];
    return path.slice(1).map((child, index) => ({ parent: path[index] ?? child, child }));
  });
}
