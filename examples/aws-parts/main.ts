// Single parts of the room in a stack of one's own.
import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { servers } from "./servers";

const app = new App({ outdir: process.argv[2] });
servers(app);
app.synth();
console.log(summaryTable(app));
