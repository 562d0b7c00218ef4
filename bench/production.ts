// The production example: `production.js <outdir> [further worker groups]`.
import { App } from "cdktf";
import { production } from "../examples/aws/production";

const [, , outdir, further = "0"] = process.argv;
const app = new App({ outdir });
const groups = Array.from({ length: Number(further) }, (_, index) => [`more-${index}`, { min: 1, max: 3 }]);
production(app, { workers: Object.fromEntries(groups) });
app.synth();
