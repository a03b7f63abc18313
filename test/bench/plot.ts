import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { init } from "echarts";

export interface Plot {
  title: string;
  /** What an axis measures, with its unit. */
  x: string;
  y: string;
  /** Where values span powers of ten. */
  logX?: boolean;
  series: { name: string; points: [x: number, y: number][] /** Dots alone, or joined by a line. */; dots?: boolean }[];
}

const size = { width: 900, height: 480 };

/** Draws figures as an SVG that a browser or GitHub shows. */
export function savePlot(file: string, { title, x, y, logX, series }: Plot): void {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  const axis = (name: string) => ({ name, nameLocation: "middle" as const, nameGap: 32 });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, left: "center" },
    legend: { bottom: 0 },
    grid: { left: 70, right: 30, top: 50, bottom: 80 },
    xAxis: { type: logX ? "log" : "value", ...axis(x) },
    yAxis: { type: "value", ...axis(y) },
    series: series.map(({ name, points, dots }) =>
      dots
        ? { name, type: "scatter" as const, data: points, symbolSize: 10 }
        : { name, type: "line" as const, data: points, showSymbol: false },
    ),
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, chart.renderToSVGString());
  chart.dispose();
  console.log(`plot: ${file}`);
}
