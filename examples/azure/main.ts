// Two environments in one subscription: a small one to try out, and one to run a company on.
import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { production } from "./production";
import { small } from "./small";

const app = new App({ outdir: process.argv[2] });
small(app);
production(app);
app.synth();
console.log(summaryTable(app));
