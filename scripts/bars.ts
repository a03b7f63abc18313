/** A progress bar per stage on a terminal; elsewhere a line when a stage ends. */
export interface Bars {
  set(stage: string, fraction: number): void;
  done(stage: string, seconds: number): void;
  end(): void;
}

const width = 32;

export function openBars(stages: readonly string[], output: NodeJS.WriteStream = process.stdout): Bars {
  const state = new Map(stages.map((stage) => [stage, { fraction: 0, seconds: undefined as number | undefined }]));
  const longest = Math.max(...stages.map((stage) => stage.length));
  let drawn = false;
  let last = "";

  const line = (stage: string) => {
    const { fraction = 0, seconds } = state.get(stage) ?? {};
    const filled = Math.round(fraction * width);
    const told = seconds === undefined ? `${Math.round(fraction * 100)} %` : `${seconds.toFixed(1)} s`;
    return `  ${stage.padEnd(longest)}  ${"█".repeat(filled)}${"░".repeat(width - filled)}  ${told.padStart(6)}`;
  };
  const draw = () => {
    if (!output.isTTY) return;
    const text = stages.map(line).join("\n");
    if (text === last) return;
    output.write(`${drawn ? `\u001b[${stages.length}A` : ""}${text.replace(/$/gm, "\u001b[K")}\n`);
    drawn = true;
    last = text;
  };

  return {
    set(stage, fraction) {
      const own = state.get(stage);
      if (own && own.seconds === undefined) own.fraction = Math.max(own.fraction, fraction);
      draw();
    },
    done(stage, seconds) {
      const own = state.get(stage);
      if (!own || own.seconds !== undefined) return;
      Object.assign(own, { fraction: 1, seconds });
      if (output.isTTY) draw();
      else output.write(`${line(stage)}\n`);
    },
    end: draw,
  };
}
