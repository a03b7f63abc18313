/**
 * Writes what is derived from the tables: .env.example, docs/errors.md, docs/events.md and docs/pipeline.md.
 * With --check it writes nothing and exits with 1 where a file is not what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorCodes, errors } from "@viralclaw/contracts/errors";
import { type FactName, facts } from "@viralclaw/contracts/facts";
import { pipeline, stageNames, streams } from "@viralclaw/contracts/pipeline";
import { GatewayConfig } from "@viralclaw/gateway/config";
import { RendererConfig } from "@viralclaw/renderer/config";
import { CommonConfig } from "@viralclaw/runtime/config";
import { TranscriberConfig } from "@viralclaw/transcriber/config";
import * as z from "zod";

const services = { gateway: GatewayConfig, transcriber: TranscriberConfig, renderer: RendererConfig };

const files: Record<string, () => string> = {
  ".env.example": envExample,
  "docs/errors.md": errorsPage,
  "docs/events.md": eventsPage,
  "docs/pipeline.md": pipelinePage,
};

const made = "<!-- Made by npm run generate. -->\n";
const check = process.argv.includes("--check");
for (const [file, make] of Object.entries(files)) {
  const text = make();
  if (check) {
    if (safeRead(file) === text) continue;
    console.error(`${file} is not up to date: run npm run generate`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
}

function safeRead(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** One block a variable: what it is, who reads it, and its default commented out; one that must be set is left empty. */
function envExample(): string {
  const readers = new Map<string, string[]>();
  const schemas = new Map<string, z.ZodType>();
  for (const [service, schema] of [["every service", CommonConfig] as const, ...Object.entries(services)]) {
    for (const [name, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
      schemas.set(name, field);
      readers.set(name, [...(readers.get(name) ?? []), service]);
    }
  }
  const blocks = [...schemas].map(([name, field]) => {
    const missing = z.object({ [name]: field }).safeParse({});
    const value = missing.success ? missing.data[name] : undefined;
    const line = missing.success ? `# ${name}=${value === undefined ? "" : value}` : `${name}=`;
    return `# ${field.meta()?.description ?? ""} (${readers.get(name)?.join(", ")})\n${line}`;
  });
  const otel = [
    "# Where traces go by OTLP, such as http://127.0.0.1:4318; without it none are sent (every service)",
    "# OTEL_EXPORTER_OTLP_ENDPOINT=",
  ].join("\n");
  return `# Made by npm run generate from the services' configuration schemas. A line without # must be set.\n\n${[...blocks, otel].join("\n\n")}\n`;
}

function errorsPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, retryable, title, detail, fix } = errors[code];
    return `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${title}. ${detail} | ${fix} |`;
  });
  return `${made}# Errors

Every error answer is a problem detail (RFC 9457) with one of these codes, and a failed job has one in \`error.code\`.
They do not change; the sentences may. {Braces} are filled in when it happens.

| code | HTTP | try again? | what happened | what to change |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function eventsPage(): string {
  const sections = (Object.keys(facts) as FactName[]).map((name) => {
    const { $schema: _, ...schema } = z.toJSONSchema(facts[name].data, { unrepresentable: "any", io: "output" });
    return `## ${name}\n\nType \`viralclaw.${name}.v${facts[name].version}\`, subject \`viralclaw.job.<kind>.${name.slice(4)}.<priority>.<job id>\`.\n\n\`\`\`json\n${JSON.stringify(schema, null, 2)}\n\`\`\``;
  });
  return `${made}# Events

Everything that happens to a job is a fact on the JetStream stream FACTS, kept ${streams.FACTS.maxAgeMs / 86_400_000} days: a CloudEvent 1.0 in binary mode
(attributes in \`ce-\` headers, W3C trace context in \`traceparent\`, the body the data below). The header \`ce-id\` is the same for every
sending of a fact: use it to drop repeats. To be told of every completed job, make a durable consumer filtered by
\`viralclaw.job.*.completed.>\`. Fields may be added to a version; a change that breaks a reader gets a new one.

${sections.join("\n\n")}
`;
}

function pipelinePage(): string {
  const rows = stageNames.map((stage) => {
    const { service, takes, leadsTo, gives, attempts, retryDelaysMs, longestRunMs } = pipeline[stage];
    const seconds = retryDelaysMs.map((ms) => `${ms / 1000} s`).join(", ");
    return `| ${stage} | ${service} | ${takes} | ${Object.keys(gives.shape).join(", ")} | ${leadsTo} | ${attempts} | ${seconds} | ${longestRunMs / 60_000} min |`;
  });
  const edges = stageNames.flatMap((stage) => {
    const { service, takes, leadsTo } = pipeline[stage];
    return [
      `  gateway -- ${takes} --> ${stage}["${service}: ${stage}"]`,
      `  ${stage} -- result --> gateway`,
      ...(leadsTo === "job.completed" ? [`  gateway -- ${leadsTo} --> followers`] : []),
    ];
  });
  return `${made}# The pipeline

A worker is a function from a fact to a result. The gateway takes each result, decides once what it means, and publishes the next fact.

\`\`\`mermaid
flowchart LR
  customer -- POST --> gateway["gateway: advance"]
${edges.join("\n")}
  gateway -- job.failed --> followers
\`\`\`

| stage | service | takes | result | leads to | attempts | delays between | longest run |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
