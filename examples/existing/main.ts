import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { laptop } from "./laptop";

const app = new App({ outdir: process.argv[2] });
laptop(app);
app.synth();
console.log(summaryTable(app));
