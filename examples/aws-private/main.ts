// An environment without any way to the internet.
import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { privateEnvironment } from "./environment";

const app = new App({ outdir: process.argv[2] });
privateEnvironment(app);
app.synth();
console.log(summaryTable(app));
